#include "fixture.h"

#define TUNED_SOURCE(tuning)                                                                       \
    "source: {type: postgres, url: postgresql://h/d, tuning: {" tuning "}}\n"
#define MYSQL "source: {type: mysql, url: mysql://h/d}\n"
#define LONG_NAME                                                                                  \
    "a234567890123456789012345678901234567890123456789012345678901234567890123456789012"

/* One row per rule; line 0: the file as a whole. */
static const struct {
    const char *name, *yaml;
    int line;
    const char *texts[MAX_TEXTS];
} REFUSED[] = {
    /* The document, spec config §1. */
    {"empty file", "", 0, {"empty"}},
    {"comment only", "# nothing\n", 0, {"empty"}},
    {"two documents", SOURCE EXPORT("") "---\na: 1\n", 4, {"second YAML document"}},
    {"no mapping", "- a\n", 1, {"must be a mapping", "a list"}},
    {"scalar", "text\n", 1, {"must be a mapping", "text"}},
    {"not YAML", "source: {\n", 2, {"not valid YAML"}},
    {"placeholder in a flow mapping", "source: {type: ${T}}\n", 1, {"not valid YAML", "quote"}},
    {"tab as indent", "source:\n\ttype: mysql\n", 2, {"not valid YAML"}},
    {"bad UTF-8", "source: \xFF\xFE\n", 1, {"UTF-8"}},
    {"control character", "a: \x01\n", 1, {"not a UTF-8 text"}},
    {"NUL in a value", "a: \"x\\0y\"\n", 1, {"NUL"}},
    {"duplicate key", SOURCE "source: {}\n" EXPORT(""), 2, {"duplicate key 'source'", "line 1"}},
    {"duplicate key below", SOURCE EXPORT(", mode: full, mode: full"), 3, {"duplicate key 'mode'"}},
    {"unknown alias", "source: *nowhere\n", 1, {"'*nowhere'"}},
    {"alias inside its own anchor", "source: &a [*a]\n", 1, {"'*a'"}},
    {"foreign tag", "source: !thing {}\n", 1, {"tag '!thing'"}},
    {"key that is a list", "? [a]\n: 1\n", 1, {"key must be text"}},

    /* Types and required fields. */
    {"no source", EXPORT(""), 1, {"missing field 'source'"}},
    {"no exports", SOURCE, 1, {"missing field 'exports'"}},
    {"null source", "source:\n" EXPORT(""), 1, {"missing field 'source'"}},
    {"no type", "source: {url: x}\n" EXPORT(""), 1, {"source: missing field 'type'"}},
    {"no format",
     SOURCE "exports:\n- name: a\n  query: q\n  destination: {type: local}\n",
     3,
     {"export 'a'", "missing field 'format'"}},
    {"no name", SOURCE "exports:\n- query: q\n", 3, {"exports[0]", "missing field 'name'"}},
    {"no destination",
     SOURCE "exports:\n- {name: a, query: q, format: csv}\n",
     3,
     {"missing field 'destination'"}},
    {"no destination type",
     SOURCE EXPORT_TO("path: x"),
     3,
     {"export 'a': destination: missing field 'type'"}},
    {"exports no list", SOURCE "exports: {}\n", 2, {"exports", "a list", "a mapping"}},
    {"export no mapping", SOURCE "exports: [a]\n", 2, {"exports[0]", "must be a mapping"}},
    {"source no mapping", "source: x\n" EXPORT(""), 1, {"source", "must be a mapping", "text"}},
    {"list as text",
     "source: {type: postgres, url: [secret1]}\n" EXPORT(""),
     1,
     {"source.url: must be text, not a list"}},
    {"text as number",
     SOURCE EXPORT(", parallel: many"),
     3,
     {"export 'a': parallel", "whole number", "text"}},
    {"quoted number", SOURCE EXPORT(", parallel: '2'"), 3, {"parallel", "whole number"}},
    {"decimal as number", SOURCE EXPORT(", parallel: 2.0"), 3, {"parallel", "whole number"}},
    {"negative",
     TUNED_SOURCE("throttle_ms: -1") EXPORT(""),
     1,
     {"source.tuning.throttle_ms", "between 0", "-1"}},
    {"far too large", SOURCE EXPORT(", days_window: 99999999999999999999"), 3, {"days_window"}},
    {"beyond 32 bits", SOURCE EXPORT(", days_window: 4294967296"), 3, {"4294967295"}},
    {"port",
     "source: {type: postgres, host: h, user: u, database: d, port: 65536}\n" EXPORT(""),
     1,
     {"source.port", "65535"}},
    {"yes is text",
     SOURCE EXPORT(", skip_empty: yes"),
     3,
     {"skip_empty", "true or false", "not text"}},
    {"quoted true is text", SOURCE EXPORT(", skip_empty: 'true'"), 3, {"skip_empty"}},
    {"unknown source",
     "source: {type: oracle, url: x}\n" EXPORT(""),
     1,
     {"source.type", "'oracle'", "postgres, mysql"}},
    {"unknown mode",
     SOURCE EXPORT(", mode: delta"),
     3,
     {"'delta'", "full, incremental, chunked, time_window"}},
    {"unknown format", SOURCE "exports:\n- {name: a, format: orc}\n", 3, {"'orc'", "parquet, csv"}},
    {"unknown codec",
     SOURCE EXPORT(", compression: brotli"),
     3,
     {"'brotli'", "zstd, snappy, gzip, lz4, none"}},
    {"unknown profile", TUNED_SOURCE("profile: turbo") EXPORT(""), 1, {"fast, balanced, safe"}},
    {"words keep their case", SOURCE EXPORT(", mode: Full"), 3, {"'Full'"}},
    {"unknown destination", SOURCE EXPORT_TO("type: ftp"), 3, {"'ftp'", "local, s3, gcs, stdout"}},
    {"unknown event",
     SOURCE EXPORT("") "notifications: {slack: {on: [success]}}\n",
     4,
     {"notifications.slack.on", "'success'", "failure, schema_change, degraded"}},
    {"unknown type",
     SOURCE EXPORT(", columns: {x: varchar}"),
     3,
     {"export 'a': columns.x", "'varchar'", "decimal(p,s)"}},
    {"type too wide", SOURCE EXPORT(", columns: {x: 'decimal(39,2)'}"), 3, {"columns.x", "38"}},
    {"ratio", SOURCE EXPORT(", quality: {null_ratio_max: {x: -0.1}}"), 3, {"null_ratio_max.x"}},
    {"ratio text",
     SOURCE EXPORT(", quality: {null_ratio_max: {x: half}}"),
     3,
     {"null_ratio_max.x"}},
    {"ratio no number",
     SOURCE EXPORT(", quality: {null_ratio_max: {x: .nan}}"),
     3,
     {"null_ratio_max.x"}},
    {"empty column name",
     SOURCE EXPORT(", quality: {unique_columns: ['']}"),
     3,
     {"quality.unique_columns"}},
    {"webhook without target",
     SOURCE EXPORT("") "notifications: {webhook: {on: [failure]}}\n",
     4,
     {"missing field 'url_env'"}},

    /* Misplaced tuning fields, §6. */
    {"under source",
     "source:\n  type: postgres\n  url: x\n  profile: fast\n  batch_size: 1000\n" EXPORT(""),
     5,
     {"source: field(s) [batch_size, profile]",
      "source.tuning:", "  source:\n    tuning:\n      batch_size: 1000"}},
    {"under source, null",
     "source: {type: postgres, max_retries: }\n" EXPORT(""),
     1,
     {"source: field(s) [max_retries]", "source.tuning:"}},
    {"all under source",
     "source: {connect_timeout_s: 1, statement_target_ms: 1, profile: safe, memory_threshold_mb: "
     "1, lock_timeout_s: 1, retry_backoff_ms: 1, max_retries: 1, statement_timeout_s: 1, "
     "throttle_ms: 1, batch_size_memory_mb: 1, batch_size: 1}\n",
     1,
     {"[batch_size, batch_size_memory_mb, throttle_ms, statement_timeout_s, max_retries, "
      "retry_backoff_ms, lock_timeout_s, memory_threshold_mb, profile, statement_target_ms, "
      "connect_timeout_s]"}},
    {"in an export",
     SOURCE "exports:\n- name: ok\n- name: b\n  max_retries: 1\n  throttle_ms: 1\n",
     6,
     {"export 'b' (index 1): field(s) [throttle_ms, max_retries]", "exports[].tuning:", "- name: b",
      "tuning:\n        throttle_ms: 1"}},
    {"in an export without name",
     SOURCE "exports:\n- profile: fast\n",
     3,
     {"export '<unnamed>' (index 0): field(s) [profile]"}},
    {"sample keeps odd values out", "source: {batch_size: hunter2}\n", 1, {"batch_size: ..."}},
    {"sample shows a profile", "source: {profile: safe}\n", 1, {"profile: safe"}},
    {"source first",
     "source: {profile: fast}\nexports: [{profile: fast}]\n",
     1,
     {"source: field(s)"}},
    {"before types", "source: {type: [], profile: fast}\n", 1, {"source: field(s) [profile]"}},

    /* Validation, §7, in order. */
    {"1 both batch fields",
     TUNED_SOURCE("batch_size: 1, batch_size_memory_mb: 1") EXPORT(""),
     1,
     {"tuning:", "batch_size", "batch_size_memory_mb", "mutually exclusive"}},
    {"2 both after merging",
     TUNED_SOURCE("batch_size: 1") EXPORT(", tuning: {batch_size_memory_mb: 1}"),
     3,
     {"export 'a'", "effective tuning", "mutually exclusive"}},
    {"3 both in the export",
     SOURCE EXPORT(", tuning: {batch_size: 1, batch_size_memory_mb: 1}"),
     3,
     {"export 'a'", "mutually exclusive"}},
    {"2 before 4",
     "source: {type: postgres}\n" EXPORT(", tuning: {batch_size: 1, batch_size_memory_mb: 1}"),
     3,
     {"effective tuning"}},
    {"4 no way in",
     "source: {type: postgres}\n" EXPORT(""),
     1,
     {"source: must specify", "url, url_env, url_file"}},
    {"4 port alone",
     "source: {type: postgres, port: 5432}\n" EXPORT(""),
     1,
     {"source: must specify"}},
    {"5 two URLs",
     "source: {type: postgres, url: postgresql://u:hunter2@h/d, url_env: X}\n" EXPORT(""),
     1,
     {"exactly one of"}},
    {"6 URL and host",
     "source: {type: postgres, url_env: X, host: h}\n" EXPORT(""),
     1,
     {"not both"}},
    {"6 URL and socket",
     "source: {type: postgres, url_env: X, socket: /s}\n" EXPORT(""),
     1,
     {"not both"}},
    {"7 no host",
     "source: {type: postgres, user: u}\n" EXPORT(""),
     1,
     {"structured config requires 'host'"}},
    {"7 no user",
     "source: {type: postgres, host: h}\n" EXPORT(""),
     1,
     {"structured config requires 'user'"}},
    {"7 no database",
     "source: {type: postgres, host: h, user: u}\n" EXPORT(""),
     1,
     {"structured config requires 'database'"}},
    {"7 empty host",
     "source: {type: postgres, host: '', user: u, database: d}\n" EXPORT(""),
     1,
     {"structured config requires 'host'"}},
    {"7 socket without user",
     "source: {type: postgres, socket: /s}\n" EXPORT(""),
     1,
     {"structured config requires 'user'"}},
    {"host and socket",
     "source: {type: postgres, host: h, socket: /s, user: u, database: d}\n" EXPORT(""),
     1,
     {"not both"}},
    {"8 two passwords",
     "source: {type: postgres, host: h, user: u, database: d, password: p,\n"
     "  password_env: P}\n" EXPORT(""),
     2,
     {"password", "not both"}},
    {"9 no query",
     SOURCE "exports:\n- {name: a, format: csv, destination: {type: local}}\n",
     3,
     {"export 'a'", "must specify 'query' or 'query_file'"}},
    {"9 blank query",
     SOURCE "exports:\n- {name: a, query: ' ', format: csv, destination: {type: local}}\n",
     3,
     {"must specify 'query' or 'query_file'"}},
    {"10 two queries", SOURCE EXPORT(", query_file: q.sql"), 3, {"export 'a'", "not both"}},
    {"11 S3 access key only",
     SOURCE EXPORT_TO("type: s3, bucket: b, access_key_env: K"),
     3,
     {"access_key_env", "secret_key_env"}},
    {"11 S3 secret key only",
     SOURCE EXPORT_TO("type: s3, bucket: b, secret_key_env: K"),
     3,
     {"access_key_env", "secret_key_env"}},
    {"12 GCS anonymous with credentials",
     SOURCE EXPORT_TO("type: gcs, bucket: b, allow_anonymous: true, credentials_file: /none"),
     3,
     {"allow_anonymous", "credentials_file"}},
    {"13 credentials missing",
     SOURCE EXPORT_TO("type: local, credentials_file: /none/c.json"),
     3,
     {"does not exist", "/none/c.json"}},
    {"14 size", SOURCE EXPORT(", max_file_size: 5GiB"), 3, {"invalid max_file_size", "5GiB"}},
    {"14 size zero", SOURCE EXPORT(", max_file_size: 0"), 3, {"invalid max_file_size"}},
    {"14 size negative", SOURCE EXPORT(", max_file_size: -5"), 3, {"invalid max_file_size", "-5"}},
    {"15 zstd level", SOURCE EXPORT(", compression_level: 23"), 3, {"1..22", "23"}},
    {"15 zstd level 0", SOURCE EXPORT(", compression: zstd, compression_level: 0"), 3, {"1..22"}},
    {"15 csv without codec", SOURCE CSV_EXPORT(", compression_level: 30"), 3, {"1..22", "30"}},
    {"16 gzip level",
     SOURCE EXPORT(", compression: gzip, compression_level: 11"),
     3,
     {"0..10", "11"}},
    {"17 snappy",
     SOURCE EXPORT(", compression: snappy, compression_level: 1"),
     3,
     {"compression_level", "snappy"}},
    {"17 lz4", SOURCE EXPORT(", compression: lz4, compression_level: 1"), 3, {"compression_level"}},
    {"17 none",
     SOURCE EXPORT(", compression: none, compression_level: 1"),
     3,
     {"compression_level"}},
    {"18 incremental", SOURCE EXPORT(", mode: incremental"), 3, {"cursor_column"}},
    {"18 empty list",
     SOURCE EXPORT(", mode: incremental, cursor_column: []"),
     3,
     {"cursor_column"}},
    {"20 no column", SOURCE EXPORT(", mode: time_window, days_window: 1"), 3, {"time_column"}},
    {"20 no days", SOURCE EXPORT(", mode: time_window, time_column: t"), 3, {"days_window"}},
    {"21 dense", SOURCE EXPORT(", chunk_dense: true"), 3, {"chunk_dense", "full"}},
    {"file order",
     SOURCE "exports:\n- {name: b, query: q, query_file: f, format: csv, destination: "
            "{type: local}}\n- {name: a, format: csv, destination: {type: local}}\n",
     3,
     {"export 'b'", "not both"}},

    /* What the original took and went wrong with. */
    {"empty exports", SOURCE "exports: []\n", 0, {"exports"}},
    {"duplicate name",
     SOURCE EXPORT("") "  - {name: a, query: q, format: csv, destination: {type: local}}\n",
     4,
     {"export 'a'", "duplicate", "line 3"}},
    {"chunk_size 0", SOURCE EXPORT(", mode: chunked, chunk_size: 0"), 3, {"chunk_size", "1"}},
    {"parallel 0", SOURCE EXPORT(", parallel: 0"), 3, {"parallel", "between 1"}},
    {"batch_size 0", TUNED_SOURCE("batch_size: 0") EXPORT(""), 1, {"batch_size", "between 1"}},
    {"S3 without bucket", SOURCE EXPORT_TO("type: s3"), 3, {"requires 'bucket'", "s3"}},
    {"GCS without bucket", SOURCE EXPORT_TO("type: gcs, bucket: ''"), 3, {"requires 'bucket'"}},
    {"slash in a name",
     SOURCE "exports:\n- {name: a/b, query: q, format: csv, destination: {type: "
            "local}}\n",
     3,
     {"a/b", "name"}},
    {"dot first",
     SOURCE "exports:\n- {name: .a, query: q, format: csv, destination: {type: "
            "local}}\n",
     3,
     {"name"}},
    {"long name",
     SOURCE "exports:\n- {name: " LONG_NAME ", query: q, format: csv, destination: "
            "{type: local}}\n",
     3,
     {"name"}},
    {"letter outside",
     SOURCE "exports:\n- {name: caf\xC3\xA9, query: q, format: csv, destination: "
            "{type: local}}\n",
     3,
     {"name"}},

    /* Fields beyond the original, §10. */
    {"sqlite",
     "source: {type: sqlite, path: x.db}\n" EXPORT(""),
     1,
     {"source.type", "not available in this version"}},
    {"partition_by",
     SOURCE EXPORT(", partition_by: {column: c}"),
     3,
     {"export 'a': partition_by", "not available in this version"}},
    {"fetch of MySQL",
     TUNED_SOURCE("fetch: stream") EXPORT(""),
     1,
     {"fetch", "'stream'", "postgres", "copy or cursor"}},
    {"fetch of PostgreSQL",
     MYSQL EXPORT(", tuning: {fetch: copy}"),
     3,
     {"fetch", "'copy'", "mysql", "stream or pages"}},
    {"csv with snappy",
     SOURCE CSV_EXPORT(", compression: snappy"),
     3,
     {"snappy", "gzip, zstd or none"}},
    {"csv with lz4", SOURCE CSV_EXPORT(", compression: lz4"), 3, {"lz4", "gzip, zstd or none"}},
    {"delimiter of two bytes",
     SOURCE CSV_EXPORT(", csv: {delimiter: ';;'}"),
     3,
     {"csv.delimiter", "one byte"}},
    {"delimiter of none", SOURCE CSV_EXPORT(", csv: {delimiter: ''}"), 3, {"csv.delimiter"}},
    {"delimiter of two bytes in one character",
     SOURCE CSV_EXPORT(", csv: {delimiter: \"\\xA7\"}"),
     3,
     {"csv.delimiter"}},
    {"delimiter quote", SOURCE CSV_EXPORT(", csv: {delimiter: '\"'}"), 3, {"csv.delimiter"}},
    {"delimiter CR", SOURCE CSV_EXPORT(", csv: {delimiter: \"\\r\"}"), 3, {"csv.delimiter"}},
    {"delimiter LF", SOURCE CSV_EXPORT(", csv: {delimiter: \"\\n\"}"), 3, {"csv.delimiter"}},
    {"null with delimiter", SOURCE CSV_EXPORT(", csv: {null: 'a,b'}"), 3, {"csv.null"}},
    {"cursor_lag",
     SOURCE EXPORT(", mode: incremental, cursor_column: c, cursor_lag: soon"),
     3,
     {"cursor_lag", "'soon'", "10m"}},
    {"cursor_lag negative", SOURCE EXPORT(", cursor_lag: -5"), 3, {"cursor_lag"}},
    {"cursor twice",
     SOURCE EXPORT(", mode: incremental, cursor_column: [c, d, c]"),
     3,
     {"cursor_column", "'c' twice"}},
    {"chunk column twice", SOURCE EXPORT(", chunk_column: [c, c]"), 3, {"chunk_column"}},
    {"file_name placeholder",
     SOURCE EXPORT(", file_name: '{export}-{day}'"),
     3,
     {"file_name", "{run_id}"}},
    {"file_name brace", SOURCE EXPORT(", file_name: 'a}'"), 3, {"file_name"}},
    {"file_name path", SOURCE EXPORT(", file_name: '../{ts}'"), 3, {"file_name"}},
    {"file_name slash", SOURCE EXPORT(", file_name: 'a/{ts}'"), 3, {"file_name", "not a path"}},
    {"unique with checkpoint",
     SOURCE EXPORT(", mode: chunked, chunk_checkpoint: true, quality: {unique_columns: [id]}"),
     3,
     {"unique_columns", "chunk_checkpoint"}},
    {"tls mode",
     "source: {type: mysql, url_env: X, tls: {mode: maybe}}\n" EXPORT(""),
     1,
     {"source.tls.mode", "'maybe'", "verify-full", "VERIFY_IDENTITY"}},
    {"max_memory_mb", SOURCE EXPORT("") "max_memory_mb: 5\n", 4, {"max_memory_mb", "12"}},
};

static void
test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(REFUSED); i++)
        check_refused(REFUSED[i].name, REFUSED[i].yaml, REFUSED[i].line, REFUSED[i].texts);
}

/* Accepted although they look odd. */
static const struct {
    const char *name, *yaml;
} ACCEPTED[] = {
    {"19 chunked without column", SOURCE EXPORT(", mode: chunked")},
    {"dense and chunked", SOURCE EXPORT(", mode: chunked, chunk_dense: true")},
    {"null is absent", SOURCE EXPORT(", mode: ~, max_file_size: null, tuning: null, quality: ~")},
    {"numbers as text",
     "source: {type: postgres, host: 1, user: 2, database: true, password: 12345}\n" EXPORT(
         ", max_file_size: 1048576")},
    {"key=value text", "source: {type: postgres, url: host=h dbname=d}\n" EXPORT("")},
    {"socket", "source: {type: postgres, socket: /run/pg, user: u, database: d}\n" EXPORT("")},
    {"two to stdout", SOURCE EXPORT_TO("type: stdout") "  - {name: b, query: q, format: csv, "
                                                       "destination: {type: stdout}}\n"},
    {"both forms of events", SOURCE EXPORT("") "notifications: {slack: {on: failure}}\n"},
    {"single text for a list", SOURCE EXPORT(", chunk_column: id")},
    {"tags that change nothing",
     "source: !!map {type: !!str postgres, url: ! 'x=y'}\n" EXPORT(", parallel: !!int '3'")},
    {"a flow and block mix",
     "source:\n  type: postgres\n  url: >-\n    postgresql://h/d\n" EXPORT("")},
    {"byte order mark", "\xEF\xBB\xBF" SOURCE EXPORT("")},
    {"document marks", "---\n" SOURCE EXPORT("") "...\n"},
    {"windows line ends", "source: {type: postgres, url: x=y}\r\nexports:\r\n- name: a\r\n  query: "
                          "q\r\n  format: csv\r\n  destination:\r\n    type: local\r\n"},
    {"gzip level 10", SOURCE EXPORT(", compression: gzip, compression_level: 10")},
    {"longest name", SOURCE
     "exports:\n- {name: a2345678901234567890123456789012345678901234567890123456789012345678901234"
     "567890, query: q, format: csv, destination: {type: local}}\n"},
};

static void
test_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ACCEPTED); i++) {
        Config *config = NULL;
        Error err;
        if (!load_yaml(ACCEPTED[i].yaml, &config, &err))
            fail_msg("%s: %s: %s", ACCEPTED[i].name, err.context, err.message);
        config_free(config);
    }
}

/* A wrong value must not carry a secret into a message. */
static void
test_secrets_stay_out(void **state)
{
    static const char *const YAMLS[] = {
        "source: {type: 'postgresql://u:hunter2@h/d', url: x}\n" EXPORT(""),
        "source: {type: postgres, url: [hunter2]}\n" EXPORT(""),
        "source: {type: postgres, url: postgresql://u:hunter2@h/d, url_env: X}\n" EXPORT(""),
        "source: {type: postgres, url: postgresql://u:hunter2@h/d, host: h}\n" EXPORT(""),
        "source: {type: postgres, password: hunter2}\n" EXPORT(""),
        "source: {type: postgres, password: {hunter2: 1}}\n" EXPORT(""),
        "source: {type: postgres, password: hunter2, password_env: P, host: h, user: u, database: "
        "d}\n" EXPORT(""),
        "source: {type: postgres, 'postgresql://u:hunter2@h/d': 1, url: [x]}\n" EXPORT(""),
        SOURCE EXPORT(", mode: 'mysql://u:hunter2@h/d'"),
        SOURCE EXPORT("") "notifications: {slack: {webhook_url: [hunter2]}}\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(YAMLS); i++) {
        Config *config = NULL;
        Error err;
        assert_false(load_yaml(YAMLS[i], &config, &err));
        if (strstr(err.message, "hunter2") != NULL)
            fail_msg("%s", err.message);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_secrets_stay_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
