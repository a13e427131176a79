/* config.h: the YAML file as typed, validated, read-only data.
 *
 * Load     config_load reads, expands ${…}, types and validates; the first error wins, says the
 *          way out and carries "path:line" as its context. Warnings (unknown keys, fields without
 *          effect) come back as a list, so that the caller decides where they go.
 * Absent   an optional text is NULL, an optional number carries has_… beside it; everything that
 *          has a default already holds it.
 * Owner    the Config owns every text through its arena; config_free releases all. Shared
 *          between threads after loading.
 * Source   spec: config (§10 for the fields beyond the original); option.h has the table of every
 *          field with type, default and help. */
#ifndef RIVET_CONFIG_CONFIG_H
#define RIVET_CONFIG_CONFIG_H

#include "util/arena.h"
#include "util/error.h"
#include "util/secret.h"

typedef enum SourceKind { SOURCE_POSTGRES, SOURCE_MYSQL, SOURCE_SQLITE } SourceKind;
typedef enum ExportMode { MODE_FULL, MODE_INCREMENTAL, MODE_CHUNKED, MODE_TIME_WINDOW } ExportMode;
typedef enum FormatKind { FORMAT_PARQUET, FORMAT_CSV } FormatKind;
typedef enum Compression {
    COMPRESSION_ZSTD,
    COMPRESSION_SNAPPY,
    COMPRESSION_GZIP,
    COMPRESSION_LZ4,
    COMPRESSION_NONE,
} Compression;
typedef enum DestinationKind {
    DESTINATION_LOCAL,
    DESTINATION_S3,
    DESTINATION_GCS,
    DESTINATION_STDOUT,
} DestinationKind;
typedef enum Profile { PROFILE_FAST, PROFILE_BALANCED, PROFILE_SAFE } Profile;
typedef enum FetchMethod {
    FETCH_AUTO,
    FETCH_COPY,
    FETCH_CURSOR,
    FETCH_STREAM,
    FETCH_PAGES,
} FetchMethod;
typedef enum Consistency {
    CONSISTENCY_DEFAULT,
    CONSISTENCY_SNAPSHOT,
    CONSISTENCY_NONE,
} Consistency;
typedef enum TypesMode { TYPES_PORTABLE, TYPES_NATIVE } TypesMode;
typedef enum Target {
    TARGET_NONE,
    TARGET_SPARK,
    TARGET_BIGQUERY,
    TARGET_SNOWFLAKE,
    TARGET_ATHENA,
    TARGET_TRINO,
    TARGET_DUCKDB,
    TARGET_CLICKHOUSE,
    TARGET_POLARS,
    TARGET_PANDAS,
} Target;
typedef enum InfinityPolicy { INFINITY_ERROR, INFINITY_NULL, INFINITY_CLAMP } InfinityPolicy;
typedef enum NullPolicy { NULL_POLICY_ERROR, NULL_POLICY_NULL } NullPolicy;
typedef enum Utf8Policy { UTF8_ERROR, UTF8_REPLACE } Utf8Policy;
typedef enum CursorNulls {
    CURSOR_NULLS_ERROR,
    CURSOR_NULLS_INCLUDE_FIRST,
    CURSOR_NULLS_SKIP,
} CursorNulls;
typedef enum ChunkBy { CHUNK_BY_KEY, CHUNK_BY_ROWS } ChunkBy;
typedef enum ResumeMode { RESUME_MANUAL, RESUME_AUTO } ResumeMode;
typedef enum TimeColumnType { TIME_COLUMN_TIMESTAMP, TIME_COLUMN_UNIX } TimeColumnType;
typedef enum DriftPolicy { DRIFT_WARN, DRIFT_CONTINUE, DRIFT_FAIL } DriftPolicy;
typedef enum TlsMode {
    TLS_UNSET, /* no tls block: the driver's own default */
    TLS_DISABLED,
    TLS_PREFERRED,
    TLS_REQUIRED,
    TLS_VERIFY_CA,
    TLS_VERIFY_IDENTITY,
} TlsMode;
typedef enum Tinyint1 { TINYINT1_INT, TINYINT1_BOOL } Tinyint1;
typedef enum CsvQuote { CSV_QUOTE_MINIMAL, CSV_QUOTE_ALL } CsvQuote;
typedef enum ParquetEncodingProfile { ENCODING_COMPAT, ENCODING_MODERN } ParquetEncodingProfile;

/* The words of the configuration: "postgres", "time_window", "zstd", … */
const char *source_kind_word(SourceKind kind);
const char *export_mode_word(ExportMode mode);
const char *format_word(FormatKind format);
const char *compression_word(Compression compression);
const char *destination_kind_word(DestinationKind kind);
const char *profile_word(Profile profile);

typedef struct TextList {
    const char *const *items;
    size_t count;
} TextList;

typedef struct OptionalInt {
    bool is_set;
    int64_t value;
} OptionalInt;

/* Merged: source tuning, export tuning, then the profile's values. */
typedef struct Tuning {
    Profile profile;
    bool is_profile_named; /* false prints as "balanced (default)" */
    int64_t batch_size;    /* rows; the configured or the profile's, never the memory-derived */
    OptionalInt batch_size_memory_mb;
    int64_t throttle_ms;
    int64_t statement_timeout_s; /* 0: none */
    int64_t max_retries;
    int64_t retry_backoff_ms;
    int64_t lock_timeout_s;      /* 0: none */
    int64_t memory_threshold_mb; /* 0: off */
    FetchMethod fetch;           /* never FETCH_AUTO after merging */
    int64_t statement_target_ms;
    int64_t connect_timeout_s;
} Tuning;

typedef struct TlsConfig {
    TlsMode mode;
    const char *ca;
    const char *cert;
    const char *key;
} TlsConfig;

/* How to reach the source. Exactly one form is set: url, url_env, url_file, or host/socket with
 * user and database. config_resolve_source turns it into a SourceAddress at connect time. */
typedef struct SourceConfig {
    SourceKind kind;
    Secret url;
    const char *url_env;
    const char *url_file;
    const char *host;
    const char *user;
    const char *database;
    OptionalInt port;
    Secret password;
    const char *password_env;
    const char *socket;
    const char *path; /* sqlite */
    TlsConfig tls;
    Tinyint1 tinyint1;
} SourceConfig;

typedef struct MetaColumns {
    bool has_exported_at;
    bool has_row_hash;
} MetaColumns;

typedef struct NullRatioLimit {
    const char *column;
    double max;
} NullRatioLimit;

typedef struct QualityConfig {
    bool is_set; /* any check configured */
    OptionalInt row_count_min;
    OptionalInt row_count_max;
    const NullRatioLimit *null_ratio_max;
    size_t null_ratio_count;
    TextList unique_columns;
} QualityConfig;

/* A column override, "decimal(p,s)" parsed. `kind` names one word of spec types §3. */
typedef enum OverrideKind {
    OVERRIDE_BOOL,
    OVERRIDE_INT16,
    OVERRIDE_INT32,
    OVERRIDE_INT64,
    OVERRIDE_UINT64,
    OVERRIDE_FLOAT,
    OVERRIDE_DOUBLE,
    OVERRIDE_DECIMAL,
    OVERRIDE_TEXT,
    OVERRIDE_BINARY,
    OVERRIDE_DATE,
    OVERRIDE_TIME,
    OVERRIDE_TIMESTAMP,
    OVERRIDE_TIMESTAMPTZ,
    OVERRIDE_JSON,
    OVERRIDE_UUID,
    OVERRIDE_DURATION_US,
} OverrideKind;

typedef struct ColumnOverride {
    const char *column;
    OverrideKind kind;
    uint8_t precision; /* decimal only */
    uint8_t scale;
    int line; /* in the YAML file, for messages */
} ColumnOverride;

/* What decides how a source's types become columns. Source: spec types. */
typedef struct TypeRules {
    TypesMode types;
    bool is_text_output; /* CSV: representations that only text can hold are exact */
    InfinityPolicy infinity;
    NullPolicy decimal_special;
    NullPolicy zero_dates;
    Utf8Policy invalid_utf8;
    Tinyint1 tinyint1;
    const ColumnOverride *overrides;
    size_t override_count;
} TypeRules;

typedef struct CsvConfig {
    char delimiter;
    const char *null; /* NULL: empty, or \N for a single column */
    bool has_header;
    CsvQuote quote;
} CsvConfig;

typedef struct ParquetConfig {
    ParquetEncodingProfile encoding;
    int64_t row_group_mb;
    int64_t page_kb;
    bool dictionary;
    TextList bloom;
    bool statistics;
    int64_t encode_threads; /* helpers; 0 = none */
    bool spark_compat;
} ParquetConfig;

typedef struct DestinationConfig {
    DestinationKind kind;
    const char *path;
    const char *bucket;
    const char *prefix;
    const char *region;
    const char *endpoint;
    const char *access_key_env;
    const char *secret_key_env;
    const char *session_token_env;
    const char *aws_profile;
    const char *role_arn;
    const char *credentials_file;
    const char *ca_file;
    const char *storage_class;
    const char *sse;
    const char *sse_kms_key;
    bool allow_anonymous;
    bool path_style;
    int64_t upload_parallel;
    int64_t part_mb;
} DestinationConfig;

typedef struct ExportConfig {
    const char *name;
    int line;
    const char *query;      /* as in the file; config_resolve_query gives the text to run */
    const char *query_file; /* relative to the config file's directory */
    ExportMode mode;
    TextList cursor_columns;
    const char *cursor_lag;       /* "5s", "10m" or an integer, as written; NULL: none */
    int64_t cursor_lag_us;        /* durations */
    OptionalInt cursor_lag_units; /* integers */
    CursorNulls cursor_nulls;
    TextList chunk_columns;
    bool chunk_dense;
    int64_t chunk_size;
    ChunkBy chunk_by;
    ResumeMode resume;
    int64_t parallel;
    bool chunk_checkpoint;
    int64_t chunk_max_attempts;
    const char *time_column;
    TimeColumnType time_column_type;
    int64_t days_window;
    FormatKind format;
    Compression compression; /* already none for a CSV export that names no codec */
    OptionalInt compression_level;
    bool skip_empty;
    uint64_t max_file_size_bytes; /* 0: no splitting */
    DestinationConfig destination;
    MetaColumns meta_columns;
    QualityConfig quality;
    Tuning tuning;
    Consistency consistency;
    Target target;
    TypeRules type_rules;
    CsvConfig csv;
    ParquetConfig parquet;
    bool has_manifest;
    DriftPolicy on_schema_drift;
    const char *partition_column;
    const char *partition_granularity;
    const char *file_name; /* template, or NULL */
} ExportConfig;

typedef struct SlackConfig {
    bool is_set;
    Secret webhook_url;
    const char *webhook_url_env;
    TextList on;
} SlackConfig;

typedef struct WebhookConfig {
    bool is_set;
    const char *url_env;
    TextList on;
} WebhookConfig;

typedef struct Config {
    Arena arena;
    const char *path;      /* as given */
    const char *directory; /* of path: "." when it has none */
    SourceConfig source;
    const ExportConfig *exports;
    size_t export_count;
    bool parallel_exports;
    bool parallel_export_processes;
    int64_t max_memory_mb;
    const char *state; /* root field, or NULL */
    SlackConfig slack;
    WebhookConfig webhook;
    const char *const *warnings; /* whole sentences with file and line */
    size_t warning_count;
} Config;

/* One --param KEY=VALUE. */
typedef struct Param {
    const char *key;
    const char *value;
} Param;

typedef struct ConfigOptions {
    const char *path; /* also a non-seekable one, /dev/stdin */
    const Param *params;
    size_t param_count;
    bool is_strict;               /* unknown keys are errors */
    bool allows_unset_in_queries; /* doctor: an unset name that occurs only in queries is fine */
} ConfigOptions;

/* Loads and validates. *out is NULL on failure. Errors: ERR_CONFIG (ERR_IO never: an unreadable
 * file is a configuration error that names the OS error). */
MUST_USE bool config_load(const ConfigOptions *options, Config **out, Error *err);
void config_free(Config *config);

/* The export of exactly this name; ERR_CONFIG when there is none. */
MUST_USE bool config_find_export(const Config *config, const char *name, const ExportConfig **out,
                                 Error *err);

/* What only a run as a whole can violate: one export at most may write to stdout. ERR_CONFIG. */
MUST_USE bool config_check_selection(const ExportConfig *exports, size_t count, Error *err);

/* The query text of an export: query or the content of query_file, ${…} expanded by params, then
 * environment, trailing blanks and semicolons still there. Text in arena. */
MUST_USE bool config_resolve_query(const Config *config, const ExportConfig *export,
                                   const ConfigOptions *options, Arena *arena, const char **query,
                                   Error *err);

/* Where and as whom to connect. Either url (a connection string or URL, handed to the driver
 * whole, with secrets) or the parts. Texts in arena. has_plaintext_password: warn the user. */
typedef struct SourceAddress {
    SourceKind kind;
    Secret url; /* set for url, url_env, url_file */
    const char *host;
    const char *user;
    const char *database;
    int64_t port; /* 0: the driver's default */
    Secret password;
    const char *socket;
    const char *path;
    TlsConfig tls;
    bool has_plaintext_password;
} SourceAddress;

MUST_USE bool config_resolve_source(const Config *config, Arena *arena, SourceAddress *address,
                                    Error *err);

/* Path of the state database: flag, RIVET_STATE, root field `state` (relative to the directory of
 * config_path), else .rivet_state.db in that directory. Without a loaded config the field is read
 * from the file, if it can be. Text in arena. */
const char *config_state_path(const char *flag, const char *config_path, const Config *config,
                              Arena *arena);

#endif
