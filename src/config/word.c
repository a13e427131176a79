#include "config/word.h"

#include <strings.h>

#define WORD_LIST(name, fold, ...)                                                                 \
    static const Word name##_ITEMS[] = {__VA_ARGS__};                                              \
    const WordList name = {name##_ITEMS, ARRAY_LENGTH(name##_ITEMS), fold}

WORD_LIST(SOURCE_KIND_WORDS, false, {"postgres", SOURCE_POSTGRES, AVAILABLE},
          {"mysql", SOURCE_MYSQL, AVAILABLE}, {"sqlite", SOURCE_SQLITE, AVAILABLE_LATER});
WORD_LIST(EXPORT_MODE_WORDS, false, {"full", MODE_FULL, AVAILABLE},
          {"incremental", MODE_INCREMENTAL, AVAILABLE}, {"chunked", MODE_CHUNKED, AVAILABLE},
          {"time_window", MODE_TIME_WINDOW, AVAILABLE});
WORD_LIST(FORMAT_WORDS, false, {"parquet", FORMAT_PARQUET, AVAILABLE},
          {"csv", FORMAT_CSV, AVAILABLE});
WORD_LIST(COMPRESSION_WORDS, false, {"zstd", COMPRESSION_ZSTD, AVAILABLE},
          {"snappy", COMPRESSION_SNAPPY, AVAILABLE}, {"gzip", COMPRESSION_GZIP, AVAILABLE},
          {"lz4", COMPRESSION_LZ4, AVAILABLE}, {"none", COMPRESSION_NONE, AVAILABLE});
WORD_LIST(DESTINATION_KIND_WORDS, false, {"local", DESTINATION_LOCAL, AVAILABLE},
          {"s3", DESTINATION_S3, AVAILABLE}, {"gcs", DESTINATION_GCS, AVAILABLE},
          {"stdout", DESTINATION_STDOUT, AVAILABLE});
WORD_LIST(PROFILE_WORDS, false, {"fast", PROFILE_FAST, AVAILABLE},
          {"balanced", PROFILE_BALANCED, AVAILABLE}, {"safe", PROFILE_SAFE, AVAILABLE});
WORD_LIST(FETCH_WORDS, false, {"auto", FETCH_AUTO, AVAILABLE}, {"copy", FETCH_COPY, AVAILABLE},
          {"cursor", FETCH_CURSOR, AVAILABLE}, {"stream", FETCH_STREAM, AVAILABLE},
          {"pages", FETCH_PAGES, AVAILABLE});
WORD_LIST(CONSISTENCY_WORDS, false, {"default", CONSISTENCY_DEFAULT, AVAILABLE},
          {"snapshot", CONSISTENCY_SNAPSHOT, AVAILABLE}, {"none", CONSISTENCY_NONE, AVAILABLE});
WORD_LIST(TYPES_WORDS, false, {"portable", TYPES_PORTABLE, AVAILABLE},
          {"native", TYPES_NATIVE, AVAILABLE});
WORD_LIST(TARGET_WORDS, false, {"spark", TARGET_SPARK, AVAILABLE},
          {"bigquery", TARGET_BIGQUERY, AVAILABLE}, {"snowflake", TARGET_SNOWFLAKE, AVAILABLE},
          {"athena", TARGET_ATHENA, AVAILABLE}, {"trino", TARGET_TRINO, AVAILABLE},
          {"duckdb", TARGET_DUCKDB, AVAILABLE}, {"clickhouse", TARGET_CLICKHOUSE, AVAILABLE},
          {"polars", TARGET_POLARS, AVAILABLE}, {"pandas", TARGET_PANDAS, AVAILABLE});
WORD_LIST(INFINITY_WORDS, false, {"error", INFINITY_ERROR, AVAILABLE},
          {"null", INFINITY_NULL, AVAILABLE}, {"clamp", INFINITY_CLAMP, AVAILABLE});
WORD_LIST(NULL_POLICY_WORDS, false, {"error", NULL_POLICY_ERROR, AVAILABLE},
          {"null", NULL_POLICY_NULL, AVAILABLE});
WORD_LIST(UTF8_WORDS, false, {"error", UTF8_ERROR, AVAILABLE},
          {"replace", UTF8_REPLACE, AVAILABLE});
WORD_LIST(CURSOR_NULLS_WORDS, false, {"error", CURSOR_NULLS_ERROR, AVAILABLE},
          {"include_first", CURSOR_NULLS_INCLUDE_FIRST, AVAILABLE},
          {"skip", CURSOR_NULLS_SKIP, AVAILABLE});
WORD_LIST(CHUNK_BY_WORDS, false, {"key", CHUNK_BY_KEY, AVAILABLE},
          {"rows", CHUNK_BY_ROWS, AVAILABLE});
WORD_LIST(RESUME_WORDS, false, {"manual", RESUME_MANUAL, AVAILABLE},
          {"auto", RESUME_AUTO, AVAILABLE});
WORD_LIST(TIME_COLUMN_WORDS, false, {"timestamp", TIME_COLUMN_TIMESTAMP, AVAILABLE},
          {"unix", TIME_COLUMN_UNIX, AVAILABLE});
WORD_LIST(DRIFT_WORDS, false, {"warn", DRIFT_WARN, AVAILABLE},
          {"continue", DRIFT_CONTINUE, AVAILABLE}, {"fail", DRIFT_FAIL, AVAILABLE});
/* PostgreSQL's words and MySQL's; each is understood for both sources. */
WORD_LIST(TLS_WORDS, true, {"disable", TLS_DISABLED, AVAILABLE},
          {"prefer", TLS_PREFERRED, AVAILABLE}, {"require", TLS_REQUIRED, AVAILABLE},
          {"verify-ca", TLS_VERIFY_CA, AVAILABLE}, {"verify-full", TLS_VERIFY_IDENTITY, AVAILABLE},
          {"DISABLED", TLS_DISABLED, AVAILABLE}, {"PREFERRED", TLS_PREFERRED, AVAILABLE},
          {"REQUIRED", TLS_REQUIRED, AVAILABLE}, {"VERIFY_CA", TLS_VERIFY_CA, AVAILABLE},
          {"VERIFY_IDENTITY", TLS_VERIFY_IDENTITY, AVAILABLE});
WORD_LIST(TINYINT1_WORDS, false, {"int", TINYINT1_INT, AVAILABLE},
          {"bool", TINYINT1_BOOL, AVAILABLE});
WORD_LIST(CSV_QUOTE_WORDS, false, {"minimal", CSV_QUOTE_MINIMAL, AVAILABLE},
          {"all", CSV_QUOTE_ALL, AVAILABLE});
WORD_LIST(ENCODING_WORDS, false, {"compat", ENCODING_COMPAT, AVAILABLE},
          {"modern", ENCODING_MODERN, AVAILABLE});
WORD_LIST(GRANULARITY_WORDS, false, {"year", 0, AVAILABLE}, {"month", 1, AVAILABLE},
          {"day", 2, AVAILABLE}, {"hour", 3, AVAILABLE});
WORD_LIST(NOTIFY_WORDS, false, {"failure", 0, AVAILABLE}, {"schema_change", 1, AVAILABLE},
          {"degraded", 2, AVAILABLE});

const Word *
word_find(const WordList *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *word = list->words[i].text;
        if (list->ignores_case ? strcasecmp(word, text) == 0 : strcmp(word, text) == 0)
            return &list->words[i];
    }
    return NULL;
}

const char *
word_of(const WordList *list, unsigned value)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->words[i].value == value)
            return list->words[i].text;
    assert(false);
    return "";
}

const char *
word_list_text(const WordList *list, Arena *arena)
{
    const char *text = "";

    for (size_t i = 0; i < list->count; i++)
        text = arena_format(arena, "%s%s%s", text, i == 0 ? "" : ", ", list->words[i].text);
    return text;
}

const char *
source_kind_word(SourceKind kind)
{
    return word_of(&SOURCE_KIND_WORDS, kind);
}

const char *
export_mode_word(ExportMode mode)
{
    return word_of(&EXPORT_MODE_WORDS, mode);
}

const char *
format_word(FormatKind format)
{
    return word_of(&FORMAT_WORDS, format);
}

const char *
compression_word(Compression compression)
{
    return word_of(&COMPRESSION_WORDS, compression);
}

const char *
destination_kind_word(DestinationKind kind)
{
    return word_of(&DESTINATION_KIND_WORDS, kind);
}

const char *
profile_word(Profile profile)
{
    return word_of(&PROFILE_WORDS, profile);
}
