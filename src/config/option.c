#include "config/option.h"

#include "config/raw_config.h"

#define MAX_MB      (INT64_C(1) << 20)
#define MAX_MS      INT64_C(86400000)
#define MAX_SECONDS INT64_C(2147483) /* the servers count milliseconds in 32 bits */
#define MAX_COUNT   INT64_C(1000000000)
#define MAX_UINT32  INT64_C(4294967295)

/* One macro per kind of row, so that a row reads: name, place, default, limits, meaning. */
#define BOOL(n, at, init, text)                                                                    \
    {                                                                                              \
        .name = (n), .type = OPTION_BOOL, .offset = (at), .initial = (init), .help = (text)        \
    }
#define INT(n, at, init, low, high, text)                                                          \
    {                                                                                              \
        .name = (n), .type = OPTION_INT, .offset = (at), .initial = (init), .min = (low),          \
        .max = (high), .help = (text)                                                              \
    }
#define OPTIONAL_INT(n, at, note, low, high, text)                                                 \
    {                                                                                              \
        .name = (n), .type = OPTION_INT, .is_optional_int = true, .offset = (at),                  \
        .default_note = (note), .min = (low), .max = (high), .help = (text)                        \
    }
#define TEXT(n, at, note, text)                                                                    \
    {                                                                                              \
        .name = (n), .type = OPTION_TEXT, .offset = (at), .default_note = (note), .help = (text)   \
    }
#define SECRET(n, at, text)                                                                        \
    {                                                                                              \
        .name = (n), .type = OPTION_SECRET, .offset = (at), .help = (text)                         \
    }
#define WORD(n, at, list, init, text)                                                              \
    {                                                                                              \
        .name = (n), .type = OPTION_WORD, .offset = (at), .initial = (init), .words = &(list),     \
        .help = (text)                                                                             \
    }
/* For lists that have the word null. */
#define NULL_WORD(n, at, list, init, text)                                                         \
    {                                                                                              \
        .name = (n), .type = OPTION_WORD, .is_null_text = true, .offset = (at), .initial = (init), \
        .words = &(list), .help = (text)                                                           \
    }
#define OPTIONAL_WORD(n, at, list, note, text)                                                     \
    {                                                                                              \
        .name = (n), .type = OPTION_WORD, .is_optional_int = true, .offset = (at),                 \
        .default_note = (note), .words = &(list), .help = (text)                                   \
    }
#define REQUIRED_WORD(n, at, list, text)                                                           \
    {                                                                                              \
        .name = (n), .type = OPTION_WORD, .is_required = true, .offset = (at), .words = &(list),   \
        .help = (text)                                                                             \
    }
#define REQUIRED_TEXT(n, at, text)                                                                 \
    {                                                                                              \
        .name = (n), .type = OPTION_TEXT, .is_required = true, .offset = (at), .help = (text)      \
    }
#define TEXTS(n, at, note, text)                                                                   \
    {                                                                                              \
        .name = (n), .type = OPTION_TEXT_LIST, .offset = (at), .default_note = (note),             \
        .help = (text)                                                                             \
    }
#define EVENTS(n, at, text)                                                                        \
    {                                                                                              \
        .name = (n), .type = OPTION_WORD_LIST, .offset = (at), .words = &NOTIFY_WORDS,             \
        .default_note = "empty: nothing is sent", .help = (text)                                   \
    }
#define MAPPING(n, at, fields, text)                                                               \
    {                                                                                              \
        .name = (n), .type = OPTION_MAPPING, .offset = (at), .level = &(fields), .help = (text)    \
    }
#define TUNING_INT(n, member, note, low, high, text)                                               \
    {                                                                                              \
        .name = (n), .type = OPTION_INT, .is_optional_int = true, .is_tuning_only = true,          \
        .offset = offsetof(TuningFields, member), .default_note = (note), .min = (low),            \
        .max = (high), .help = (text)                                                              \
    }

#define LEVEL(name, path, ...)                                                                     \
    static const Option name##_OPTIONS[] = {__VA_ARGS__};                                          \
    static const OptionLevel name = {path, name##_OPTIONS, ARRAY_LENGTH(name##_OPTIONS)}

/* The order is the one in which misplaced fields are listed. */
LEVEL(TUNING_LEVEL, "tuning",
      TUNING_INT("batch_size", batch_size, "fast 50000, balanced 10000, safe 2000", 1, MAX_COUNT,
                 "Rows per fetch and per output batch. Excludes batch_size_memory_mb."),
      TUNING_INT("batch_size_memory_mb", batch_size_memory_mb, NULL, 1, MAX_MB,
                 "Size of a batch in megabytes instead of rows."),
      TUNING_INT("throttle_ms", throttle_ms, "fast 0, balanced 50, safe 500", 0, MAX_MS,
                 "Pause after each full batch."),
      TUNING_INT("statement_timeout_s", statement_timeout_s, "fast 0, balanced 300, safe 120", 0,
                 MAX_SECONDS, "Longest time a statement may take at the server; 0 for no limit."),
      TUNING_INT("max_retries", max_retries, "fast 1, balanced 3, safe 5", 0, MAX_COUNT,
                 "Retries after the first attempt when a failure may pass."),
      TUNING_INT("retry_backoff_ms", retry_backoff_ms, "fast 1000, balanced 2000, safe 5000", 0,
                 MAX_MS, "Wait before the first retry; doubled for each further one."),
      TUNING_INT("lock_timeout_s", lock_timeout_s, "fast 0, balanced 30, safe 10", 0, MAX_SECONDS,
                 "Longest wait for a lock at the server; 0 for no limit."),
      TUNING_INT("memory_threshold_mb", memory_threshold_mb, "0", 0, MAX_MB,
                 "Fetching pauses while the process uses more memory than this; 0 turns it off."),
      {.name = "profile",
       .type = OPTION_WORD,
       .is_optional_int = true,
       .is_tuning_only = true,
       .offset = offsetof(TuningFields, profile),
       .default_note = "balanced",
       .words = &PROFILE_WORDS,
       .help = "How hard the database may be worked: supplies every tuning field left out."},
      TUNING_INT("statement_target_ms", statement_target_ms, "200", 1, MAX_MS,
                 "Server time per statement that adaptive fetching aims at."),
      TUNING_INT("connect_timeout_s", connect_timeout_s, "30", 0, MAX_SECONDS,
                 "Longest time to wait for a connection; 0 for no limit."),
      OPTIONAL_WORD("fetch", offsetof(TuningFields, fetch), FETCH_WORDS,
                    "auto: by profile and source",
                    "How rows are read: copy or cursor (PostgreSQL), stream or pages (MySQL)."));

#define AT(member) offsetof(RawConfig, config.source.tls.member)
LEVEL(TLS_LEVEL, "source.tls",
      OPTIONAL_WORD("mode", offsetof(RawConfig, tls_mode), TLS_WORDS, "prefer",
                    "How far the connection is encrypted and the server verified."),
      TEXT("ca", AT(ca), NULL, "File with the certificates of trusted authorities."),
      TEXT("cert", AT(cert), NULL, "File with the client's certificate."),
      TEXT("key", AT(key), NULL, "File with the client's private key."));
#undef AT

#define AT(member) offsetof(RawConfig, config.source.member)
LEVEL(SOURCE_LEVEL, "source",
      REQUIRED_WORD("type", AT(kind), SOURCE_KIND_WORDS, "The kind of database."),
      SECRET("url", AT(url), "Connection URL; prefer url_env or url_file when it has a password."),
      TEXT("url_env", AT(url_env), NULL, "Environment variable that holds the whole URL."),
      TEXT("url_file", AT(url_file), NULL,
           "File that holds the URL, relative to the working directory."),
      TEXT("host", AT(host), NULL, "Server name or address; with user and database."),
      OPTIONAL_INT("port", AT(port), "5432 for postgres, 3306 for mysql", 0, 65535,
                   "Port of the server."),
      TEXT("user", AT(user), NULL, "User to connect as."),
      SECRET("password", AT(password), "Password in the file; prefer password_env."),
      TEXT("password_env", AT(password_env), NULL, "Environment variable that holds the password."),
      TEXT("database", AT(database), NULL, "Database to connect to."),
      TEXT("socket", AT(socket), NULL, "Unix socket, in place of host."),
      TEXT("path", AT(path), NULL, "Database file of an sqlite source."),
      MAPPING("tls", 0, TLS_LEVEL, "Encryption of the connection."),
      WORD("tinyint1", AT(tinyint1), TINYINT1_WORDS, "int",
           "MySQL: what TINYINT(1) becomes, an integer or a boolean."),
      MAPPING("tuning", offsetof(RawConfig, tuning), TUNING_LEVEL,
              "Speed and gentleness, for every export that does not say otherwise."));
#undef AT

#define AT(member) offsetof(RawExport, config.destination.member)
LEVEL(DESTINATION_LEVEL, "exports[].destination",
      REQUIRED_WORD("type", AT(kind), DESTINATION_KIND_WORDS, "Where files go."),
      TEXT("path", AT(path), "prefix, else the working directory",
           "local: directory, relative to the working directory; created when missing."),
      TEXT("bucket", AT(bucket), NULL, "s3, gcs: name of the bucket; required there."),
      TEXT("prefix", AT(prefix), NULL, "Put before the file name as it is, without a slash."),
      TEXT("region", AT(region), "from the environment or the profile", "s3: region."),
      TEXT("endpoint", AT(endpoint), NULL, "s3, gcs: base URL of another server of that kind."),
      TEXT("access_key_env", AT(access_key_env), NULL,
           "s3: environment variable of the access key; with secret_key_env."),
      TEXT("secret_key_env", AT(secret_key_env), NULL,
           "s3: environment variable of the secret key; with access_key_env."),
      TEXT("session_token_env", AT(session_token_env), NULL,
           "s3: environment variable of the session token."),
      TEXT("aws_profile", AT(aws_profile), NULL, "s3: profile in the shared AWS files."),
      TEXT("role_arn", AT(role_arn), NULL, "s3: role to assume."),
      TEXT("credentials_file", AT(credentials_file), NULL,
           "gcs: credentials file, relative to the working directory."),
      BOOL("allow_anonymous", AT(allow_anonymous), "false", "s3, gcs: send unsigned requests."),
      BOOL("path_style", AT(path_style), "false",
           "s3: the bucket in the path, not in the host; with endpoint always, unless its host "
           "begins with the bucket."),
      TEXT("ca_file", AT(ca_file), NULL, "s3, gcs: certificates of trusted authorities."),
      TEXT("storage_class", AT(storage_class), NULL, "s3, gcs: storage class of the objects."),
      TEXT("sse", AT(sse), NULL, "s3: server-side encryption, AES256 or aws:kms."),
      TEXT("sse_kms_key", AT(sse_kms_key), NULL, "s3: key of the server-side encryption."),
      INT("upload_parallel", AT(upload_parallel), "2", 1, 64, "s3, gcs: upload parts in flight."),
      INT("part_mb", AT(part_mb), "8", 5, 5120,
          "s3, gcs: size of the upload parts; s3: those behind the first 5000 grow."));
#undef AT

#define AT(member) offsetof(RawExport, config.meta_columns.member)
LEVEL(META_LEVEL, "exports[].meta_columns",
      BOOL("exported_at", AT(has_exported_at), "false",
           "Adds _rivet_exported_at, the time of the export."),
      BOOL("row_hash", AT(has_row_hash), "false", "Adds _rivet_row_hash, a hash of the row."));
#undef AT

#define AT(member) offsetof(RawExport, config.quality.member)
LEVEL(QUALITY_LEVEL, "exports[].quality",
      OPTIONAL_INT("row_count_min", AT(row_count_min), NULL, 0, INT64_MAX,
                   "Fails with fewer rows."),
      OPTIONAL_INT("row_count_max", AT(row_count_max), NULL, 0, INT64_MAX, "Fails with more rows."),
      {.name = "null_ratio_max",
       .type = OPTION_RATIO_MAP,
       .offset = offsetof(RawExport, ratios),
       .help = "Fails when a larger share of the column is NULL."},
      TEXTS("unique_columns", AT(unique_columns), NULL, "Fails when a column repeats a value."));
#undef AT

#define AT(member) offsetof(RawExport, config.csv.member)
LEVEL(CSV_LEVEL, "exports[].csv",
      {.name = "delimiter",
       .type = OPTION_BYTE,
       .offset = AT(delimiter),
       .initial = "','",
       .help = "One byte between cells; no quote, no line end."},
      {.name = "null",
       .type = OPTION_TEXT,
       .is_null_text = true,
       .offset = AT(null),
       .default_note = "empty; \\N when there is a single column",
       .help = "What NULL becomes."},
      BOOL("header", AT(has_header), "true", "A first line with the names of the columns."),
      WORD("quote", AT(quote), CSV_QUOTE_WORDS, "minimal", "Which cells are quoted."));
#undef AT

#define AT(member) offsetof(RawExport, config.parquet.member)
LEVEL(PARQUET_LEVEL, "exports[].parquet",
      WORD("encoding", AT(encoding), ENCODING_WORDS, "compat",
           "compat for every reader, modern for current ones: smaller and faster."),
      INT("row_group_mb", AT(row_group_mb), "128", 1, 2047, "Raw size of a row group."),
      INT("page_kb", AT(page_kb), "1024", 4, 65536, "Size of a page."),
      BOOL("dictionary", AT(dictionary), "true", "Dictionary encoding where it pays."),
      TEXTS("bloom", AT(bloom), NULL, "Columns that get a bloom filter."),
      BOOL("statistics", AT(statistics), "true", "Minimum and maximum per row group and page."),
      OPTIONAL_INT("encode_threads", offsetof(RawExport, encode_threads), "cores - 1", 0, 256,
                   "Helper threads that compress pages; 0 for none."),
      BOOL("spark_compat", AT(spark_compat), "false",
           "Lets Spark 3 read dates before 1582 and times before 1900."));
#undef AT

LEVEL(PARTITION_LEVEL, "exports[].partition_by",
      REQUIRED_TEXT("column", offsetof(RawExport, config.partition_column),
                    "Date or timestamp column."),
      WORD("granularity", offsetof(RawExport, partition_granularity), GRANULARITY_WORDS, "day",
           "Span of one partition."));

#define AT(member) offsetof(RawExport, config.member)
LEVEL(EXPORT_LEVEL, "exports[]",
      REQUIRED_TEXT("name", AT(name), "Key of state, metrics and files; unique in the file."),
      {.name = "query",
       .type = OPTION_TEXT,
       .has_placeholders_inside = true,
       .offset = AT(query),
       .help = "SELECT to export."},
      TEXT("query_file", AT(query_file), NULL,
           "File with the SELECT, relative to the directory of the configuration."),
      WORD("mode", AT(mode), EXPORT_MODE_WORDS, "full", "Which rows a run exports."),
      TEXTS("cursor_column", AT(cursor_columns), NULL,
            "incremental: column, or columns, whose highest value is remembered."),
      TEXT("cursor_lag", AT(cursor_lag), NULL,
           "incremental: how far the upper bound stays behind, 5s or 10m or an integer."),
      WORD("cursor_nulls", AT(cursor_nulls), CURSOR_NULLS_WORDS, "error",
           "incremental: what to do with rows whose cursor is NULL."),
      TEXTS("chunk_column", AT(chunk_columns), "the primary key",
            "chunked: column, or columns, along which the table is cut."),
      BOOL("chunk_dense", AT(chunk_dense), "false",
           "chunked: cut by row numbers computed by the server."),
      INT("chunk_size", AT(chunk_size), "100000", 1, INT64_MAX,
          "chunked: width of a chunk along the key, or its rows."),
      WORD("chunk_by", AT(chunk_by), CHUNK_BY_WORDS, "key",
           "chunked: windows of the key, or a number of rows each."),
      WORD("resume", AT(resume), RESUME_WORDS, "manual",
           "chunked: whether an unfinished run is continued without --resume."),
      INT("parallel", AT(parallel), "1", 1, 1024, "chunked: workers."),
      BOOL("chunk_checkpoint", AT(chunk_checkpoint), "false",
           "chunked: record each finished chunk, so that a run can be resumed."),
      OPTIONAL_INT("chunk_max_attempts", offsetof(RawExport, chunk_max_attempts), "max_retries + 1",
                   0, MAX_COUNT, "chunked: attempts per chunk."),
      TEXT("time_column", AT(time_column), NULL, "time_window: column with the time."),
      WORD("time_column_type", AT(time_column_type), TIME_COLUMN_WORDS, "timestamp",
           "time_window: a timestamp, or seconds since 1970."),
      OPTIONAL_INT("days_window", offsetof(RawExport, days_window), NULL, 0, MAX_UINT32,
                   "time_window: days back from now."),
      REQUIRED_WORD("format", AT(format), FORMAT_WORDS, "Format of the files."),
      OPTIONAL_WORD("compression", offsetof(RawExport, compression), COMPRESSION_WORDS,
                    "zstd for parquet, none for csv", "Codec; csv takes gzip, zstd and none."),
      OPTIONAL_INT("compression_level", AT(compression_level), "zstd 3, gzip 6", 0, MAX_UINT32,
                   "Level: zstd 1 to 22, gzip 0 to 10."),
      BOOL("skip_empty", AT(skip_empty), "false", "No file when there are no rows."),
      TEXT("max_file_size", offsetof(RawExport, max_file_size), "no limit",
           "Start a new file at this size: 256MB, 1.5GB."),
      TEXT("file_name", AT(file_name), NULL,
           "Template of the file name with {export}, {ts}, {date} and {run_id}."),
      {.name = "destination",
       .type = OPTION_MAPPING,
       .is_required = true,
       .level = &DESTINATION_LEVEL,
       .help = "Where the files go."},
      MAPPING("meta_columns", 0, META_LEVEL, "Columns that rivet adds."),
      MAPPING("quality", 0, QUALITY_LEVEL, "Checks that must pass before anything is visible."),
      WORD("consistency", AT(consistency), CONSISTENCY_WORDS, "default",
           "Whether parallel workers read one moment of the database."),
      WORD("types", AT(type_rules.types), TYPES_WORDS, "portable",
           "portable for every reader, native for the richest types."),
      OPTIONAL_WORD("target", offsetof(RawExport, target), TARGET_WORDS, NULL,
                    "Reader of the files: sets types and parquet options that suit it."),
      {.name = "columns",
       .type = OPTION_TYPE_MAP,
       .offset = offsetof(RawExport, overrides),
       .help = "Types of single columns, in place of the mapped ones."},
      NULL_WORD("infinity", AT(type_rules.infinity), INFINITY_WORDS, "error",
                "What an infinite date or timestamp becomes."),
      NULL_WORD("decimal_special", AT(type_rules.decimal_special), NULL_POLICY_WORDS, "error",
                "What NaN and infinity become in a decimal column."),
      NULL_WORD("zero_dates", AT(type_rules.zero_dates), NULL_POLICY_WORDS, "null",
                "MySQL: what zero and partial dates become."),
      WORD("invalid_utf8", AT(type_rules.invalid_utf8), UTF8_WORDS, "error",
           "What bytes that are not UTF-8 become in text."),
      MAPPING("csv", 0, CSV_LEVEL, "Options of csv files."),
      MAPPING("parquet", 0, PARQUET_LEVEL, "Options of parquet files."),
      BOOL("manifest", AT(has_manifest), "true", "Publish a manifest beside the files."),
      WORD("on_schema_drift", AT(on_schema_drift), DRIFT_WORDS, "warn",
           "What to do when the columns changed since the last run."),
      {.name = "partition_by",
       .type = OPTION_MAPPING,
       .availability = AVAILABLE_LATER,
       .level = &PARTITION_LEVEL,
       .help = "Directories by a date column."},
      MAPPING("tuning", offsetof(RawExport, tuning), TUNING_LEVEL,
              "Tuning of this export; each field replaces the source's."));
#undef AT

#define AT(member) offsetof(RawConfig, config.slack.member)
LEVEL(SLACK_LEVEL, "notifications.slack",
      SECRET("webhook_url", AT(webhook_url), "Webhook; wins over webhook_url_env."),
      TEXT("webhook_url_env", AT(webhook_url_env), NULL,
           "Environment variable that holds the webhook."),
      EVENTS("on", AT(on), "What is told."));
#undef AT

#define AT(member) offsetof(RawConfig, config.webhook.member)
LEVEL(WEBHOOK_LEVEL, "notifications.webhook",
      REQUIRED_TEXT("url_env", AT(url_env), "Environment variable that holds the URL."),
      EVENTS("on", AT(on), "What is told."));
#undef AT

LEVEL(NOTIFICATION_LEVEL, "notifications",
      MAPPING("slack", 0, SLACK_LEVEL, "Messages to a Slack channel."),
      MAPPING("webhook", 0, WEBHOOK_LEVEL, "The summary of a run as JSON to a URL."));

#define AT(member) offsetof(RawConfig, config.member)
LEVEL(ROOT_LEVEL, "",
      {.name = "source",
       .type = OPTION_MAPPING,
       .is_required = true,
       .level = &SOURCE_LEVEL,
       .help = "The database that is read."},
      {.name = "exports",
       .type = OPTION_EXPORTS,
       .is_required = true,
       .offset = offsetof(RawConfig, exports),
       .level = &EXPORT_LEVEL,
       .help = "What is exported, in the order of a run."},
      MAPPING("notifications", 0, NOTIFICATION_LEVEL, "Who is told about a run."),
      BOOL("parallel_exports", AT(parallel_exports), "false",
           "All exports at once, one thread each."),
      BOOL("parallel_export_processes", AT(parallel_export_processes), "false",
           "All exports at once, one process each; wins over threads."),
      INT("max_memory_mb", AT(max_memory_mb), "256", 12, MAX_MB,
          "Memory one process may use for rows, pages and uploads."),
      TEXT("state", AT(state), ".rivet_state.db beside the configuration",
           "State database, relative to the directory of the configuration; --state and "
           "RIVET_STATE win."));
#undef AT

const OptionLevel *
option_root(void)
{
    return &ROOT_LEVEL;
}

const OptionLevel *
option_tuning_level(void)
{
    return &TUNING_LEVEL;
}

const Option *
option_find(const OptionLevel *level, const char *name)
{
    for (size_t i = 0; i < level->count; i++)
        if (strcmp(level->options[i].name, name) == 0)
            return &level->options[i];
    return NULL;
}

/* The tables nest four levels deep, with short names. */
enum { PATH_BYTES = 128 };

static bool
visit_level(const OptionLevel *level, const char *prefix, OptionVisitor visitor, void *context)
{
    for (size_t i = 0; i < level->count; i++) {
        const Option *option = &level->options[i];
        char path[PATH_BYTES];
        snprintf(path, sizeof(path), "%s%s%s%s", prefix, *prefix == '\0' ? "" : ".", option->name,
                 option->type == OPTION_EXPORTS ? "[]" : "");
        if (!visitor(context, path, option))
            return false;
        if (option->level != NULL && !visit_level(option->level, path, visitor, context))
            return false;
    }
    return true;
}

void
option_visit(OptionVisitor visitor, void *context)
{
    visit_level(&ROOT_LEVEL, "", visitor, context);
}

const char *
option_type_name(OptionType type)
{
    static const char *const NAMES[] = {
        [OPTION_BOOL] = "true or false",
        [OPTION_INT] = "whole number",
        [OPTION_TEXT] = "text",
        [OPTION_SECRET] = "text",
        [OPTION_BYTE] = "one character",
        [OPTION_WORD] = "word",
        [OPTION_TEXT_LIST] = "text or list of texts",
        [OPTION_WORD_LIST] = "list of words",
        [OPTION_RATIO_MAP] = "mapping of columns to numbers",
        [OPTION_TYPE_MAP] = "mapping of columns to types",
        [OPTION_MAPPING] = "mapping",
        [OPTION_EXPORTS] = "list of mappings",
    };
    return NAMES[type];
}
