#include "source/postgres/postgres.h"

/* A row per column, tables together. Partitioned tables have no size of their own: that of their
 * leaves is added up. A table never analysed has no count (-1, or 0 pages before 14). */
static const char SQL[] =
    "WITH tables AS ("
    " SELECT c.oid, n.nspname, c.relname,"
    "  (SELECT sum(CASE WHEN leaf.reltuples > 0 THEN leaf.reltuples END)::int8"
    "   FROM pg_catalog.pg_class leaf WHERE leaf.relkind <> 'p' AND (leaf.oid = c.oid OR leaf.oid "
    "IN"
    "    (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)))) AS rows,"
    "  (SELECT sum(pg_catalog.pg_table_size(leaf.oid))::int8"
    "   FROM pg_catalog.pg_class leaf WHERE leaf.relkind <> 'p' AND (leaf.oid = c.oid OR leaf.oid "
    "IN"
    "    (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)))) AS bytes"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition"
    "  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
    "  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
    "  AND pg_catalog.has_table_privilege(c.oid, 'SELECT')"
    "), keys AS ("
    " SELECT indrelid, indkey[0] AS attnum,"
    "  bool_or(indisprimary AND indnkeyatts = 1) AS is_key"
    " FROM pg_catalog.pg_index WHERE indisvalid AND indpred IS NULL AND indkey[0] <> 0"
    "  AND indrelid IN (SELECT oid FROM tables)"
    " GROUP BY 1, 2"
    ") "
    "SELECT t.nspname, t.relname, t.rows, t.bytes, a.attname,"
    " pg_catalog.format_type(a.atttypid, a.atttypmod),"
    " a.atttypid IN (20, 21, 23), a.atttypid IN (1082, 1114, 1184), a.attnotnull,"
    " coalesce(k.is_key, false), k.attnum IS NOT NULL,"
    " 'SELECT * FROM ' || pg_catalog.quote_ident(t.nspname) || '.' ||"
    "  pg_catalog.quote_ident(t.relname) "
    "FROM tables t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0"
    " AND NOT a.attisdropped LEFT JOIN keys k ON k.indrelid = t.oid AND k.attnum = a.attnum "
    "ORDER BY t.nspname, t.relname, a.attnum";

/* The columns of SQL, in its order. */
enum { SCHEMA, TABLE, ROWS, BYTES, COLUMN, TYPE, INTEGER, MOMENT, NOT_NULL, KEY, INDEXED, QUERY };

typedef struct TableReader {
    const PGresult *result;
    Arena *arena;
} TableReader;

static const char *
text(const TableReader *reader, int row, int column)
{
    return arena_dup_string(reader->arena, PQgetvalue(reader->result, row, column));
}

static bool
truth(const TableReader *reader, int row, int column)
{
    return PQgetvalue(reader->result, row, column)[0] == 't';
}

static OptionalInt
number(const TableReader *reader, int row, int column)
{
    if (PQgetisnull(reader->result, row, column))
        return (OptionalInt){0};
    return (OptionalInt){true, strtoll(PQgetvalue(reader->result, row, column), NULL, 10)};
}

static bool
same_table(const TableReader *reader, int a, int b)
{
    return strcmp(PQgetvalue(reader->result, a, SCHEMA), PQgetvalue(reader->result, b, SCHEMA)) ==
               0 &&
           strcmp(PQgetvalue(reader->result, a, TABLE), PQgetvalue(reader->result, b, TABLE)) == 0;
}

static TableColumn
read_column(const TableReader *reader, int row)
{
    return (TableColumn){
        .name = text(reader, row, COLUMN),
        .source_type = text(reader, row, TYPE),
        .is_integer = truth(reader, row, INTEGER),
        .is_moment = truth(reader, row, MOMENT),
        .is_not_null = truth(reader, row, NOT_NULL),
        .is_key = truth(reader, row, KEY),
        .is_indexed = truth(reader, row, INDEXED),
    };
}

/* The table that begins at row; returns the row behind it. */
static int
read_table(const TableReader *reader, int row, TableFacts *table)
{
    int end = row + 1;

    while (end < PQntuples(reader->result) && same_table(reader, row, end))
        end++;
    TableColumn *columns = ARENA_ARRAY(reader->arena, TableColumn, (size_t)(end - row));
    for (int i = row; i < end; i++)
        columns[i - row] = read_column(reader, i);
    *table = (TableFacts){
        .schema = text(reader, row, SCHEMA),
        .name = text(reader, row, TABLE),
        .row_estimate = number(reader, row, ROWS),
        .size_bytes = number(reader, row, BYTES),
        .columns = columns,
        .column_count = (size_t)(end - row),
        .query = text(reader, row, QUERY),
    };
    return end;
}

bool
pg_list_tables(Source *source, Arena *arena, const TableFacts **tables, size_t *count, Error *err)
{
    PgSource *pg = (PgSource *)source;
    PGresult *result = NULL;

    *count = 0;
    if (!pg_transaction_begin(pg, err) || !pg_run_params(pg, SQL, 0, NULL, &result, err) ||
        !pg_transaction_end(pg, err)) {
        PQclear(result);
        pg_abandon(pg);
        return false;
    }
    TableReader reader = {result, arena};
    TableFacts *list = ARENA_ARRAY(arena, TableFacts, (size_t)PQntuples(result) + 1);
    for (int row = 0; row < PQntuples(result);)
        row = read_table(&reader, row, &list[(*count)++]);
    *tables = list;
    PQclear(result);
    return true;
}
