#include "config/target.h"

static const TargetRow ROWS[] = {
    {TARGET_SPARK, TARGET_SETS_TYPES, TYPES_PORTABLE,
     "Spark before 4.1 refuses a file with TIME in it, before 4.0 one with UUID"},
    {TARGET_SPARK, TARGET_SETS_ENCODING, ENCODING_COMPAT,
     "Spark reads the delta encodings from 3.3 and 3.4 on, split floats in newest builds only"},
    {TARGET_SPARK, TARGET_SETS_SPARK_COMPAT, true,
     "without it Spark 3 fails on dates before 1582-10-15 and timestamps before 1900"},
    {TARGET_BIGQUERY, TARGET_SETS_TYPES, TYPES_PORTABLE,
     "BigQuery loads JSON-annotated text and UUID as bytes and overflows unsigned 64-bit"},
    {TARGET_BIGQUERY, TARGET_SETS_ENCODING, ENCODING_COMPAT,
     "BigQuery does not document which newer encodings it reads"},
    {TARGET_SNOWFLAKE, TARGET_SETS_TYPES, TYPES_PORTABLE,
     "Snowflake infers a number for TIME and bytes for UUID"},
    {TARGET_SNOWFLAKE, TARGET_SETS_ENCODING, ENCODING_COMPAT,
     "Snowflake does not document which newer encodings it reads"},
    {TARGET_ATHENA, TARGET_SETS_TYPES, TYPES_PORTABLE,
     "tables in the Glue catalogue have neither TIME nor UUID nor JSON"},
    {TARGET_ATHENA, TARGET_SETS_ENCODING, ENCODING_MODERN,
     "Athena 3 reads the delta encodings, text in them several times faster than plain"},
    {TARGET_TRINO, TARGET_SETS_TYPES, TYPES_PORTABLE,
     "tables of the Hive connector have neither TIME nor UUID nor JSON"},
    {TARGET_TRINO, TARGET_SETS_ENCODING, ENCODING_MODERN,
     "Trino reads the delta encodings, text in them several times faster than plain"},
    {TARGET_DUCKDB, TARGET_SETS_TYPES, TYPES_NATIVE,
     "DuckDB has TIME, UUID, JSON and unsigned types"},
    {TARGET_DUCKDB, TARGET_SETS_ENCODING, ENCODING_MODERN,
     "DuckDB reads every encoding the modern profile writes"},
    {TARGET_CLICKHOUSE, TARGET_SETS_TYPES, TYPES_PORTABLE,
     "ClickHouse takes TIME for a number, and older releases misread UUID"},
    {TARGET_CLICKHOUSE, TARGET_SETS_ENCODING, ENCODING_COMPAT,
     "only the newer of ClickHouse's two readers has every encoding"},
    {TARGET_POLARS, TARGET_SETS_TYPES, TYPES_PORTABLE, "polars takes UUID for raw bytes"},
    {TARGET_POLARS, TARGET_SETS_ENCODING, ENCODING_MODERN,
     "polars reads every encoding the modern profile writes"},
    {TARGET_PANDAS, TARGET_SETS_TYPES, TYPES_PORTABLE, "pandas takes UUID for raw bytes"},
    {TARGET_PANDAS, TARGET_SETS_ENCODING, ENCODING_COMPAT,
     "fastparquet, one of the two engines of pandas, lacks the newer encodings"},
};

const TargetRow *
target_rows(size_t *count)
{
    *count = ARRAY_LENGTH(ROWS);
    return ROWS;
}

static bool
is_written(const RawExport *export, TargetOption option)
{
    const NodeEntry *parquet = node_find_set(export->node, "parquet");
    const Node *fields = parquet == NULL ? NULL : parquet->value;

    switch (option) {
    case TARGET_SETS_TYPES:
        return node_find_set(export->node, "types") != NULL;
    case TARGET_SETS_ENCODING:
        return node_find_set(fields, "encoding") != NULL;
    case TARGET_SETS_SPARK_COMPAT:
        return node_find_set(fields, "spark_compat") != NULL;
    }
    return false;
}

static void
apply_row(const TargetRow *row, ExportConfig *config)
{
    switch (row->option) {
    case TARGET_SETS_TYPES:
        config->type_rules.types = (TypesMode)row->value;
        break;
    case TARGET_SETS_ENCODING:
        config->parquet.encoding = (ParquetEncodingProfile)row->value;
        break;
    case TARGET_SETS_SPARK_COMPAT:
        config->parquet.spark_compat = row->value != 0;
        break;
    }
}

void
target_apply(RawExport *export)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++)
        if (ROWS[i].target == export->config.target && !is_written(export, ROWS[i].option))
            apply_row(&ROWS[i], &export->config);
}

const char *
target_warning(const ExportConfig *export)
{
    bool is_trino = export->target == TARGET_TRINO || export->target == TARGET_ATHENA;

    if (is_trino && export->format == FORMAT_PARQUET && export->compression == COMPRESSION_LZ4)
        return "Trino and Athena refuse Parquet files with lz4; use zstd, snappy or gzip";
    return NULL;
}
