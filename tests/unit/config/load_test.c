#include "fixture.h"

#include <glob.h>
#include <unistd.h>

#include "config/input.h"

/* Defaults of spec config §3, §4 and §10. */
static void
test_defaults(void **state)
{
    (void)state;
    Config *config = load_good(SOURCE EXPORT(""));
    const ExportConfig *export = &config->exports[0];

    assert_string_equal(config->path, "dir/c.yaml");
    assert_string_equal(config->directory, "dir");
    assert_int_equal(config->export_count, 1);
    assert_int_equal(config->warning_count, 0);
    assert_int_equal(config->max_memory_mb, 256);
    assert_false(config->parallel_exports);
    assert_false(config->parallel_export_processes);
    assert_null(config->state);
    assert_false(config->slack.is_set);
    assert_false(config->webhook.is_set);
    assert_int_equal(config->source.kind, SOURCE_POSTGRES);
    assert_int_equal(config->source.tls.mode, TLS_UNSET);
    assert_int_equal(config->source.tinyint1, TINYINT1_INT);
    assert_false(config->source.port.is_set);

    assert_string_equal(export->name, "a");
    assert_int_equal(export->line, 3);
    assert_string_equal(export->query, "SELECT 1");
    assert_null(export->query_file);
    assert_int_equal(export->mode, MODE_FULL);
    assert_int_equal(export->cursor_columns.count, 0);
    assert_null(export->cursor_lag);
    assert_int_equal(export->cursor_nulls, CURSOR_NULLS_ERROR);
    assert_int_equal(export->chunk_columns.count, 0);
    assert_false(export->chunk_dense);
    assert_int_equal(export->chunk_size, 100000);
    assert_int_equal(export->chunk_by, CHUNK_BY_KEY);
    assert_int_equal(export->resume, RESUME_MANUAL);
    assert_int_equal(export->parallel, 1);
    assert_false(export->chunk_checkpoint);
    assert_int_equal(export->chunk_max_attempts, 4);
    assert_int_equal(export->time_column_type, TIME_COLUMN_TIMESTAMP);
    assert_int_equal(export->format, FORMAT_PARQUET);
    assert_int_equal(export->compression, COMPRESSION_ZSTD);
    assert_true(export->compression_level.is_set);
    assert_int_equal(export->compression_level.value, 3);
    assert_false(export->skip_empty);
    assert_int_equal(export->max_file_size_bytes, 0);
    assert_string_equal(export->destination.path, ".");
    assert_int_equal(export->destination.upload_parallel, 2);
    assert_int_equal(export->destination.part_mb, 8);
    assert_false(export->meta_columns.has_exported_at);
    assert_false(export->meta_columns.has_row_hash);
    assert_false(export->quality.is_set);
    assert_int_equal(export->consistency, CONSISTENCY_DEFAULT);
    assert_int_equal(export->target, TARGET_NONE);
    assert_int_equal(export->type_rules.types, TYPES_PORTABLE);
    assert_false(export->type_rules.is_text_output);
    assert_int_equal(export->type_rules.infinity, INFINITY_ERROR);
    assert_int_equal(export->type_rules.decimal_special, NULL_POLICY_ERROR);
    assert_int_equal(export->type_rules.zero_dates, NULL_POLICY_NULL);
    assert_int_equal(export->type_rules.invalid_utf8, UTF8_ERROR);
    assert_int_equal(export->csv.delimiter, ',');
    assert_null(export->csv.null);
    assert_true(export->csv.has_header);
    assert_int_equal(export->csv.quote, CSV_QUOTE_MINIMAL);
    assert_int_equal(export->parquet.encoding, ENCODING_COMPAT);
    assert_int_equal(export->parquet.row_group_mb, 128);
    assert_int_equal(export->parquet.page_kb, 1024);
    assert_true(export->parquet.dictionary);
    assert_true(export->parquet.statistics);
    assert_false(export->parquet.spark_compat);
    assert_int_equal(export->parquet.bloom.count, 0);
    assert_true(export->parquet.encode_threads >= 0);
    assert_true(export->parquet.encode_threads < sysconf(_SC_NPROCESSORS_CONF));
    assert_true(export->has_manifest);
    assert_int_equal(export->on_schema_drift, DRIFT_WARN);
    assert_null(export->file_name);
    config_free(config);
}

/* Every field of the file once, with a value that is not its default. */
static const char FULL[] =
    "parallel_exports: true\n"
    "parallel_export_processes: true\n"
    "max_memory_mb: 512\n"
    "state: other.db\n"
    "source:\n"
    "  type: mysql\n"
    "  host: h\n"
    "  port: 3307\n"
    "  user: u\n"
    "  password: 12345\n"
    "  database: d\n"
    "  tinyint1: bool\n"
    "  tls: {mode: verify_ca, ca: ca.pem, cert: c.pem, key: k.pem}\n"
    "notifications:\n"
    "  slack: {webhook_url: https://s, webhook_url_env: S, on: [failure, degraded]}\n"
    "  webhook: {url_env: W, on: schema_change}\n"
    "exports:\n"
    "  - name: all\n"
    "    query_file: q.sql\n"
    "    mode: chunked\n"
    "    cursor_column: [c, id]\n"
    "    cursor_lag: 10m\n"
    "    cursor_nulls: include_first\n"
    "    chunk_column: [a, b]\n"
    "    chunk_dense: true\n"
    "    chunk_size: 7\n"
    "    chunk_by: rows\n"
    "    resume: auto\n"
    "    parallel: 3\n"
    "    chunk_checkpoint: true\n"
    "    chunk_max_attempts: 9\n"
    "    time_column: t\n"
    "    time_column_type: unix\n"
    "    days_window: 4294967295\n"
    "    format: csv\n"
    "    compression: gzip\n"
    "    compression_level: 10\n"
    "    skip_empty: true\n"
    "    max_file_size: 1.5GB\n"
    "    file_name: '{export}_{date}_{ts}_{run_id}'\n"
    "    consistency: snapshot\n"
    "    types: native\n"
    "    columns: {x: 'decimal(20,4)', y: text}\n"
    "    infinity: clamp\n"
    "    decimal_special: null\n"
    "    zero_dates: error\n"
    "    invalid_utf8: replace\n"
    "    csv: {delimiter: \"\\t\", null: NULL, header: false, quote: all}\n"
    "    parquet: {encoding: modern, row_group_mb: 64, page_kb: 256, dictionary: false, bloom: "
    "[id],"
    " statistics: false, encode_threads: 0, spark_compat: true}\n"
    "    manifest: false\n"
    "    on_schema_drift: fail\n"
    "    meta_columns: {exported_at: true, row_hash: true}\n"
    "    quality: {row_count_min: 1, row_count_max: 2, null_ratio_max: {a: 0.25, b: 1}}\n"
    "    tuning: {throttle_ms: 1, statement_timeout_s: 2, max_retries: 0, retry_backoff_ms: 4,"
    " lock_timeout_s: 5, memory_threshold_mb: 6, profile: fast, statement_target_ms: 8,"
    " connect_timeout_s: 9, fetch: pages, batch_size_memory_mb: 10}\n"
    "    destination: {type: s3, bucket: b, prefix: p/, region: r, endpoint: e, access_key_env: A,"
    " secret_key_env: K, session_token_env: T, aws_profile: f, role_arn: o, ca_file: ca,"
    " storage_class: s, sse: 'aws:kms', sse_kms_key: k, allow_anonymous: true, path_style: true,"
    " upload_parallel: 4, part_mb: 16}\n";

static void
check_full_export(const ExportConfig *export)
{
    assert_string_equal(export->query_file, "q.sql");
    assert_int_equal(export->mode, MODE_CHUNKED);
    assert_int_equal(export->cursor_columns.count, 2);
    assert_string_equal(export->cursor_columns.items[1], "id");
    assert_string_equal(export->cursor_lag, "10m");
    assert_true(export->cursor_lag_us == INT64_C(600000000));
    assert_false(export->cursor_lag_units.is_set);
    assert_int_equal(export->cursor_nulls, CURSOR_NULLS_INCLUDE_FIRST);
    assert_string_equal(export->chunk_columns.items[0], "a");
    assert_true(export->chunk_dense);
    assert_int_equal(export->chunk_size, 7);
    assert_int_equal(export->chunk_by, CHUNK_BY_ROWS);
    assert_int_equal(export->resume, RESUME_AUTO);
    assert_int_equal(export->parallel, 3);
    assert_true(export->chunk_checkpoint);
    assert_int_equal(export->chunk_max_attempts, 9);
    assert_string_equal(export->time_column, "t");
    assert_int_equal(export->time_column_type, TIME_COLUMN_UNIX);
    assert_true(export->days_window == INT64_C(4294967295));
    assert_int_equal(export->format, FORMAT_CSV);
    assert_int_equal(export->compression, COMPRESSION_GZIP);
    assert_int_equal(export->compression_level.value, 9); /* zlib has no 10 */
    assert_true(export->skip_empty);
    assert_true(export->max_file_size_bytes == 1610612736);
    assert_string_equal(export->file_name, "{export}_{date}_{ts}_{run_id}");
    assert_int_equal(export->consistency, CONSISTENCY_SNAPSHOT);
    assert_false(export->has_manifest);
    assert_int_equal(export->on_schema_drift, DRIFT_FAIL);
    assert_true(export->meta_columns.has_exported_at);
    assert_true(export->meta_columns.has_row_hash);
}

static void
check_full_options(const ExportConfig *export)
{
    const TypeRules *rules = &export->type_rules;
    const QualityConfig *quality = &export->quality;

    assert_int_equal(rules->types, TYPES_NATIVE);
    assert_true(rules->is_text_output);
    assert_int_equal(rules->infinity, INFINITY_CLAMP);
    assert_int_equal(rules->decimal_special, NULL_POLICY_NULL); /* the word, not an absent value */
    assert_int_equal(rules->zero_dates, NULL_POLICY_ERROR);
    assert_int_equal(rules->invalid_utf8, UTF8_REPLACE);
    assert_int_equal(rules->tinyint1, TINYINT1_BOOL);
    assert_int_equal(rules->override_count, 2);
    assert_string_equal(rules->overrides[0].column, "x");
    assert_int_equal(rules->overrides[0].kind, OVERRIDE_DECIMAL);
    assert_int_equal(rules->overrides[0].precision, 20);
    assert_int_equal(rules->overrides[0].scale, 4);
    assert_int_equal(rules->overrides[0].line, 43);
    assert_int_equal(rules->overrides[1].kind, OVERRIDE_TEXT);
    assert_int_equal(export->csv.delimiter, '\t');
    assert_string_equal(export->csv.null, "NULL");
    assert_false(export->csv.has_header);
    assert_int_equal(export->csv.quote, CSV_QUOTE_ALL);
    assert_int_equal(export->parquet.encoding, ENCODING_MODERN);
    assert_int_equal(export->parquet.row_group_mb, 64);
    assert_int_equal(export->parquet.page_kb, 256);
    assert_false(export->parquet.dictionary);
    assert_string_equal(export->parquet.bloom.items[0], "id");
    assert_false(export->parquet.statistics);
    assert_int_equal(export->parquet.encode_threads, 0);
    assert_true(export->parquet.spark_compat);
    assert_true(quality->is_set);
    assert_int_equal(quality->row_count_min.value, 1);
    assert_int_equal(quality->row_count_max.value, 2);
    assert_int_equal(quality->null_ratio_count, 2);
    assert_string_equal(quality->null_ratio_max[0].column, "a");
    assert_true(quality->null_ratio_max[0].max == 0.25);
}

static void
check_full_tuning(const Tuning *tuning)
{
    assert_int_equal(tuning->profile, PROFILE_FAST);
    assert_true(tuning->is_profile_named);
    assert_int_equal(tuning->batch_size, 50000);
    assert_int_equal(tuning->batch_size_memory_mb.value, 10);
    assert_int_equal(tuning->throttle_ms, 1);
    assert_int_equal(tuning->statement_timeout_s, 2);
    assert_int_equal(tuning->max_retries, 0);
    assert_int_equal(tuning->retry_backoff_ms, 4);
    assert_int_equal(tuning->lock_timeout_s, 5);
    assert_int_equal(tuning->memory_threshold_mb, 6);
    assert_int_equal(tuning->fetch, FETCH_PAGES);
    assert_int_equal(tuning->statement_target_ms, 8);
    assert_int_equal(tuning->connect_timeout_s, 9);
}

static void
check_full_destination(const DestinationConfig *to)
{
    assert_int_equal(to->kind, DESTINATION_S3);
    assert_null(to->path);
    assert_string_equal(to->bucket, "b");
    assert_string_equal(to->prefix, "p/");
    assert_string_equal(to->region, "r");
    assert_string_equal(to->endpoint, "e");
    assert_string_equal(to->access_key_env, "A");
    assert_string_equal(to->secret_key_env, "K");
    assert_string_equal(to->session_token_env, "T");
    assert_string_equal(to->aws_profile, "f");
    assert_string_equal(to->role_arn, "o");
    assert_string_equal(to->ca_file, "ca");
    assert_string_equal(to->storage_class, "s");
    assert_string_equal(to->sse, "aws:kms");
    assert_string_equal(to->sse_kms_key, "k");
    assert_true(to->allow_anonymous);
    assert_true(to->path_style);
    assert_int_equal(to->upload_parallel, 4);
    assert_int_equal(to->part_mb, 16);
}

static void
test_every_field(void **state)
{
    (void)state;
    Config *config = load_good(FULL);
    const SourceConfig *source = &config->source;

    for (size_t i = 0; i < config->warning_count; i++)
        fail_msg("%s", config->warnings[i]);
    assert_true(config->parallel_exports);
    assert_true(config->parallel_export_processes);
    assert_int_equal(config->max_memory_mb, 512);
    assert_string_equal(config->state, "other.db");
    assert_int_equal(source->kind, SOURCE_MYSQL);
    assert_string_equal(source->host, "h");
    assert_int_equal(source->port.value, 3307);
    assert_string_equal(secret_reveal(source->password), "12345");
    assert_int_equal(source->tls.mode, TLS_VERIFY_CA);
    assert_string_equal(source->tls.ca, "ca.pem");
    assert_string_equal(source->tls.cert, "c.pem");
    assert_string_equal(source->tls.key, "k.pem");
    assert_true(config->slack.is_set);
    assert_string_equal(secret_reveal(config->slack.webhook_url), "https://s");
    assert_string_equal(config->slack.webhook_url_env, "S");
    assert_int_equal(config->slack.on.count, 2);
    assert_string_equal(config->slack.on.items[1], "degraded");
    assert_true(config->webhook.is_set);
    assert_string_equal(config->webhook.url_env, "W");
    assert_string_equal(config->webhook.on.items[0], "schema_change");
    check_full_export(&config->exports[0]);
    check_full_options(&config->exports[0]);
    check_full_tuning(&config->exports[0].tuning);
    check_full_destination(&config->exports[0].destination);
    config_free(config);
}

/* Source tuning, export tuning, then the profile, spec config §4. */
static const struct {
    const char *name, *kind, *source, *export;
    Profile profile;
    bool is_named;
    int64_t batch_size, throttle_ms, timeout_s, retries, backoff_ms, lock_s;
    FetchMethod fetch;
} TUNING_CASES[] = {
    {"nothing", "postgres", "", "", PROFILE_BALANCED, false, 10000, 50, 300, 3, 2000, 30,
     FETCH_CURSOR},
    {"fast", "postgres", "profile: fast", "", PROFILE_FAST, true, 50000, 0, 0, 1, 1000, 0,
     FETCH_COPY},
    {"safe", "postgres", "profile: safe", "", PROFILE_SAFE, true, 2000, 500, 120, 5, 5000, 10,
     FETCH_CURSOR},
    {"plan row S1", "postgres", "profile: fast, batch_size: 1000", "profile: balanced",
     PROFILE_BALANCED, true, 1000, 50, 300, 3, 2000, 30, FETCH_CURSOR},
    {"profile in the export only", "postgres", "", "profile: safe", PROFILE_SAFE, true, 2000, 500,
     120, 5, 5000, 10, FETCH_CURSOR},
    {"single fields win", "postgres", "max_retries: 7, throttle_ms: 1", "throttle_ms: 0",
     PROFILE_BALANCED, false, 10000, 0, 300, 7, 2000, 30, FETCH_CURSOR},
    {"auto in the export undoes", "postgres", "profile: fast, fetch: cursor", "fetch: auto",
     PROFILE_FAST, true, 50000, 0, 0, 1, 1000, 0, FETCH_COPY},
    {"fetch named", "postgres", "profile: fast, fetch: cursor", "", PROFILE_FAST, true, 50000, 0, 0,
     1, 1000, 0, FETCH_CURSOR},
    {"mysql fast", "mysql", "profile: fast", "", PROFILE_FAST, true, 50000, 0, 0, 1, 1000, 0,
     FETCH_STREAM},
    {"mysql", "mysql", "", "", PROFILE_BALANCED, false, 10000, 50, 300, 3, 2000, 30, FETCH_PAGES},
};

static void
test_tuning(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TUNING_CASES); i++) {
        char yaml[512];
        snprintf(yaml, sizeof(yaml),
                 "source: {type: %s, url_env: X, tuning: {%s}}\nexports:\n- {name: a, query: q, "
                 "format: csv, destination: {type: local}, tuning: {%s}}\n",
                 TUNING_CASES[i].kind, TUNING_CASES[i].source, TUNING_CASES[i].export);
        Config *config = load_good(yaml);
        const Tuning *got = &config->exports[0].tuning;
        if (got->profile != TUNING_CASES[i].profile ||
            got->is_profile_named != TUNING_CASES[i].is_named ||
            got->batch_size != TUNING_CASES[i].batch_size ||
            got->throttle_ms != TUNING_CASES[i].throttle_ms ||
            got->statement_timeout_s != TUNING_CASES[i].timeout_s ||
            got->max_retries != TUNING_CASES[i].retries ||
            got->retry_backoff_ms != TUNING_CASES[i].backoff_ms ||
            got->lock_timeout_s != TUNING_CASES[i].lock_s || got->fetch != TUNING_CASES[i].fetch)
            fail_msg("%s: profile=%s batch_size=%" PRId64 " throttle=%" PRId64 " fetch=%d",
                     TUNING_CASES[i].name, profile_word(got->profile), got->batch_size,
                     got->throttle_ms, got->fetch);
        assert_int_equal(config->exports[0].chunk_max_attempts, TUNING_CASES[i].retries + 1);
        config_free(config);
    }
}

static const struct {
    const char *name, *yaml;
    Compression codec;
    int64_t level; /* -1: none */
} CODEC_CASES[] = {
    {"parquet", SOURCE EXPORT(""), COMPRESSION_ZSTD, 3},
    {"csv", SOURCE CSV_EXPORT(""), COMPRESSION_NONE, -1},
    {"csv with an idle level", SOURCE CSV_EXPORT(", compression_level: 3"), COMPRESSION_NONE, -1},
    {"csv gzip", SOURCE CSV_EXPORT(", compression: gzip"), COMPRESSION_GZIP, 6},
    {"csv zstd", SOURCE CSV_EXPORT(", compression: zstd, compression_level: 19"), COMPRESSION_ZSTD,
     19},
    {"gzip 0", SOURCE EXPORT(", compression: gzip, compression_level: 0"), COMPRESSION_GZIP, 0},
    {"gzip 10", SOURCE EXPORT(", compression: gzip, compression_level: 10"), COMPRESSION_GZIP, 9},
    {"lz4", SOURCE EXPORT(", compression: lz4"), COMPRESSION_LZ4, -1},
    {"none", SOURCE EXPORT(", compression: none"), COMPRESSION_NONE, -1},
};

static void
test_compression(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CODEC_CASES); i++) {
        Config *config = load_good(CODEC_CASES[i].yaml);
        const ExportConfig *got = &config->exports[0];
        int64_t level = got->compression_level.is_set ? got->compression_level.value : -1;
        if (got->compression != CODEC_CASES[i].codec || level != CODEC_CASES[i].level)
            fail_msg("%s: %s %" PRId64, CODEC_CASES[i].name, compression_word(got->compression),
                     level);
        config_free(config);
    }
}

static const struct {
    const char *more;
    TypesMode types;
    ParquetEncodingProfile encoding;
    bool spark_compat;
} TARGET_CASES[] = {
    {", target: spark", TYPES_PORTABLE, ENCODING_COMPAT, true},
    {", target: spark, parquet: {spark_compat: false}", TYPES_PORTABLE, ENCODING_COMPAT, false},
    {", target: bigquery", TYPES_PORTABLE, ENCODING_COMPAT, false},
    {", target: duckdb", TYPES_NATIVE, ENCODING_MODERN, false},
    {", target: duckdb, types: portable", TYPES_PORTABLE, ENCODING_MODERN, false},
    {", target: duckdb, parquet: {encoding: compat}", TYPES_NATIVE, ENCODING_COMPAT, false},
    {", target: trino", TYPES_PORTABLE, ENCODING_MODERN, false},
    {", target: pandas, types: native", TYPES_NATIVE, ENCODING_COMPAT, false},
};

static void
test_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TARGET_CASES); i++) {
        char yaml[512];
        snprintf(yaml, sizeof(yaml),
                 SOURCE "exports:\n- {name: a, query: q, format: parquet, destination: {type: "
                        "local}%s}\n",
                 TARGET_CASES[i].more);
        Config *config = load_good(yaml);
        const ExportConfig *got = &config->exports[0];
        if (got->type_rules.types != TARGET_CASES[i].types ||
            got->parquet.encoding != TARGET_CASES[i].encoding ||
            got->parquet.spark_compat != TARGET_CASES[i].spark_compat)
            fail_msg("%s", TARGET_CASES[i].more);
        config_free(config);
    }
}

static const struct {
    const char *name, *yaml, *path;
} PATH_CASES[] = {
    {"path", SOURCE EXPORT_TO("type: local, path: ./out, prefix: p"), "./out"},
    {"prefix", SOURCE EXPORT_TO("type: local, prefix: p"), "p"},
    {"neither", SOURCE EXPORT_TO("type: local"), "."},
    {"empty prefix", SOURCE EXPORT_TO("type: local, prefix: ''"), "."},
};

static void
test_local_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(PATH_CASES); i++) {
        Config *config = load_good(PATH_CASES[i].yaml);
        assert_string_equal(config->exports[0].destination.path, PATH_CASES[i].path);
        config_free(config);
    }
}

static const struct {
    const char *name, *yaml, *warning; /* NULL: none */
} WARNING_CASES[] = {
    {"nothing odd", SOURCE EXPORT(""), NULL},
    {"unknown at the root", SOURCE EXPORT("") "x: 1\n", "dir/c.yaml:4: unknown key, ignored: x"},
    {"misspelt", "source: {type: postgres, url: x=y, tuning: {batchsize: 1}}\n" EXPORT(""),
     "dir/c.yaml:1: unknown key, ignored: source.tuning.batchsize; did you mean 'batch_size'?"},
    {"misspelt in an export", SOURCE EXPORT(", modes: full"),
     "export 'a': modes; did you mean 'mode'?"},
    {"elsewhere", SOURCE EXPORT(", delimiter: ';'"), "it belongs at exports[].csv.delimiter"},
    {"fetch under source", "source: {type: postgres, url: x=y, fetch: copy}\n" EXPORT(""),
     "it belongs at source.tuning.fetch"},
    {"merge key", SOURCE EXPORT(", <<: {mode: full}"), "YAML 1.2 has no merge keys"},
    {"level for plain csv", SOURCE CSV_EXPORT(", compression_level: 3"),
     "compression_level has no effect"},
    {"ratio above 1", SOURCE EXPORT(", quality: {null_ratio_max: {x: 5}}"), "null_ratio_max.x"},
    {"password beside a URL", "source: {type: postgres, url: x=y, password_env: P}\n" EXPORT(""),
     "password is ignored"},
    {"port beside a URL", "source: {type: postgres, url: x=y, port: 1}\n" EXPORT(""),
     "port is ignored"},
    {"lz4 for trino", SOURCE EXPORT(", compression: lz4, target: trino"),
     "Trino and Athena refuse"},
    {"no secret", SOURCE EXPORT("") "'postgresql://u:hunter2@h': 1\n", "postgresql://u:***@h"},
    {"no control characters", SOURCE EXPORT("") "\"a\\eb\\nc\": 1\n", "a?b?c"},
};

static void
test_warnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(WARNING_CASES); i++) {
        Config *config = load_good(WARNING_CASES[i].yaml);
        const char *got = config->warning_count == 0 ? NULL : config->warnings[0];
        if (config->warning_count > 1 || (got == NULL) != (WARNING_CASES[i].warning == NULL) ||
            (got != NULL && strstr(got, WARNING_CASES[i].warning) == NULL))
            fail_msg("%s: %zu, %s", WARNING_CASES[i].name, config->warning_count,
                     got == NULL ? "none" : got);
        config_free(config);
    }
}

static void
test_many_warnings_are_counted(void **state)
{
    char yaml[8192] = SOURCE EXPORT("");
    size_t length = strlen(yaml);

    (void)state;
    for (int i = 0; i < 120; i++)
        length += (size_t)snprintf(yaml + length, sizeof(yaml) - length, "unknown%d: 1\n", i);
    Config *config = load_good(yaml);
    assert_int_equal(config->warning_count, 51);
    assert_non_null(strstr(config->warnings[50], "70 more"));
    config_free(config);
}

static void
test_strict(void **state)
{
    static const char YAML[] = SOURCE EXPORT(", modes: full");
    Config *config = NULL;
    Error err = ERROR_INIT;

    (void)state;
    assert_error(config_load_text(&(ConfigOptions){.path = "c.yaml", .is_strict = true}, YAML,
                                  strlen(YAML), &config, &err),
                 &err, ERR_CONFIG, "unknown key: export 'a': modes; did you mean 'mode'?");
    assert_string_equal(err.context, "c.yaml:3");
}

static void
test_find_export(void **state)
{
    const ExportConfig *found = NULL;
    Error err = ERROR_INIT;

    (void)state;
    Config *config = load_good(SOURCE EXPORT("") "  - {name: orders, query: q, format: csv, "
                                                 "destination: {type: stdout}}\n");
    assert_ok(config_find_export(config, "orders", &found, &err), &err);
    assert_ptr_equal(found, &config->exports[1]);
    assert_error(config_find_export(config, "order", &found, &err), &err, ERR_CONFIG,
                 "export 'order' not found in config; did you mean 'orders'?");
    error_clear(&err);
    assert_error(config_find_export(config, "zzzzzz", &found, &err), &err, ERR_CONFIG,
                 "it has: a, orders");
    config_free(config);
}

static void
test_one_export_to_stdout(void **state)
{
    Error err = ERROR_INIT;

    (void)state;
    Config *config = load_good(SOURCE EXPORT_TO(
        "type: stdout") "  - {name: b, query: q, format: csv, destination: {type: local}}\n"
                        "  - {name: c, query: q, format: csv, destination: {type: stdout}}\n");
    assert_ok(config_check_selection(config->exports, 2, &err), &err);
    assert_error(config_check_selection(config->exports, 3, &err), &err, ERR_CONFIG, "'a' and 'c'");
    config_free(config);
}

static void
test_yaml_features(void **state)
{
    (void)state;
    Config *config = load_good("x-sink: &sink {type: local, path: out}\n"
                               "source: {type: postgres, url: x=y}\n"
                               "exports:\n"
                               "  - name: folded\n"
                               "    query: >-\n"
                               "      SELECT 1,\n"
                               "      2\n"
                               "    format: csv\n"
                               "    destination: *sink\n"
                               "  - name: literal\n"
                               "    query: |\n"
                               "      SELECT 1\n"
                               "      FROM t\n"
                               "    format: csv\n"
                               "    destination: *sink\n"
                               "notifications:\n"
                               "  slack: {webhook_url_env: W, on: [failure]}\n");
    assert_string_equal(config->exports[0].query, "SELECT 1, 2");
    assert_string_equal(config->exports[1].query, "SELECT 1\nFROM t\n");
    assert_string_equal(config->exports[1].destination.path, "out");
    assert_int_equal(config->exports[1].line, 10);
    assert_string_equal(config->slack.on.items[0], "failure");
    config_free(config);
}

/* Small texts that would grow, nest or repeat without end. */
static void
test_bombs(void **state)
{
    static const struct {
        const char *name, *piece;
        size_t count;
    } BOMBS[] = {
        {"deep flow", "[", 100000},         {"deep block", "- ", 100000},
        {"deep mappings", "{a: ", 100000},  {"many items", "- a\n", 300000},
        {"many anchors", "- &a a\n", 2000}, {"open quotes", "\"", 100001},
        {"questions", "? ", 50000},         {"directives", "%a b\n", 50000},
    };
    char *yaml = malloc(4 * 1024 * 1024);
    Config *config = NULL;
    Error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(BOMBS); i++) {
        size_t length = 0;
        for (size_t n = 0; n < BOMBS[i].count; n++) {
            memcpy(yaml + length, BOMBS[i].piece, strlen(BOMBS[i].piece));
            length += strlen(BOMBS[i].piece);
        }
        err = ERROR_INIT;
        assert_error(config_load_text(&(ConfigOptions){.path = "c"}, yaml, length, &config, &err),
                     &err, ERR_CONFIG, "");
    }
    free(yaml);
}

/* Ten aliases of ten aliases of …: 10^9 values in a few lines. */
static void
test_alias_bomb(void **state)
{
    char yaml[2048] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    size_t length = strlen(yaml);
    Config *config = NULL;
    Error err = ERROR_INIT;

    (void)state;
    for (int i = 1; i < 9; i++)
        length += (size_t)snprintf(yaml + length, sizeof(yaml) - length,
                                   "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
                                   i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_error(load_yaml(yaml, &config, &err), &err, ERR_CONFIG, "too large");
}

/* Every configuration in the repository, with the variables they name. */
static void
test_shipped_files(void **state)
{
    static const char *const VARIABLES[] = {"DATABASE_URL", "PGPASSWORD", "MAX_ID",
                                            "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"};
    static const char *const PATTERNS[] = {RIVET_ROOT "/dev/*.yaml", RIVET_ROOT "/dev/e2e/*.yaml",
                                           RIVET_ROOT "/examples/*.yaml"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(VARIABLES); i++)
        setenv(VARIABLES[i], "1", 1);
    for (size_t i = 0; i < ARRAY_LENGTH(PATTERNS); i++) {
        glob_t found;
        assert_int_equal(glob(PATTERNS[i], 0, NULL, &found), 0);
        for (size_t j = 0; j < found.gl_pathc; j++) {
            Config *config = NULL;
            Error err = ERROR_INIT;
            assert_ok(config_load(&(ConfigOptions){.path = found.gl_pathv[j]}, &config, &err),
                      &err);
            assert_true(config->export_count > 0);
            config_free(config);
        }
        globfree(&found);
    }
}

static void
test_plan_row_s1(void **state)
{
    Config *config = NULL;
    const ExportConfig *export = NULL;
    Error err = ERROR_INIT;

    (void)state;
    assert_ok(config_load(&(ConfigOptions){.path = RIVET_ROOT "/dev/bench_chunked_p4.yaml"},
                          &config, &err),
              &err);
    assert_ok(config_find_export(config, "bench_content_p4_balanced", &export, &err), &err);
    assert_string_equal(profile_word(export->tuning.profile), "balanced");
    assert_int_equal(export->tuning.batch_size, 1000);
    assert_ok(config_find_export(config, "bench_content_p4", &export, &err), &err);
    assert_string_equal(profile_word(export->tuning.profile), "fast");
    assert_int_equal(export->tuning.batch_size, 1000);
    config_free(config);
}

static void
test_unreadable_files(void **state)
{
    static const struct {
        const char *path, *text;
    } FILES[] = {
        {"/nonexistent/no.yaml", "No such file or directory"},
        {"/", "directory"},
        {"/dev/null", "empty"},
        {"/dev/zero", "too large"}, /* without an end */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(FILES); i++) {
        Config *config = NULL;
        Error err = ERROR_INIT;
        assert_error(config_load(&(ConfigOptions){.path = FILES[i].path}, &config, &err), &err,
                     ERR_CONFIG, FILES[i].text);
        assert_non_null(strstr(err.context, FILES[i].path));
    }
}

/* The largest file there may be, and one byte more; both hold a comment only. */
static void
test_file_size(void **state)
{
    static const struct {
        size_t size_bytes;
        const char *text;
    } FILES[] = {{MAX_INPUT_BYTES, "empty"}, {MAX_INPUT_BYTES + 1, "too large"}};
    char *comment = malloc(MAX_INPUT_BYTES + 1);

    (void)state;
    memset(comment, '#', MAX_INPUT_BYTES + 1);
    for (size_t i = 0; i < ARRAY_LENGTH(FILES); i++) {
        char path[] = "/tmp/rivet_config_XXXXXX";
        int fd = mkstemp(path);
        Config *config = NULL;
        Error err = ERROR_INIT;
        assert_true(fd >= 0);
        assert_true(write(fd, comment, FILES[i].size_bytes) == (ssize_t)FILES[i].size_bytes);
        close(fd);
        bool ok = config_load(&(ConfigOptions){.path = path}, &config, &err);
        unlink(path);
        assert_error(ok, &err, ERR_CONFIG, FILES[i].text);
    }
    free(comment);
}

static void
test_pipe(void **state)
{
    static const char YAML[] = SOURCE EXPORT("");
    int ends[2];
    char path[32];
    Config *config = NULL;
    Error err = ERROR_INIT;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], YAML, sizeof(YAML) - 1), sizeof(YAML) - 1);
    close(ends[1]);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    assert_ok(config_load(&(ConfigOptions){.path = path}, &config, &err), &err);
    assert_string_equal(config->directory, "/dev/fd");
    config_free(config);
    close(ends[0]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_field),
        cmocka_unit_test(test_tuning),
        cmocka_unit_test(test_compression),
        cmocka_unit_test(test_target),
        cmocka_unit_test(test_local_path),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_many_warnings_are_counted),
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_find_export),
        cmocka_unit_test(test_one_export_to_stdout),
        cmocka_unit_test(test_yaml_features),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_alias_bomb),
        cmocka_unit_test(test_shipped_files),
        cmocka_unit_test(test_plan_row_s1),
        cmocka_unit_test(test_unreadable_files),
        cmocka_unit_test(test_file_size),
        cmocka_unit_test(test_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
