#include "source/postgres/catalog.h"

/* $1: type oids, $2: typmods. Takes off domains and opens arrays until nothing is left to do; a
 * domain's typmod counts where the column has none. Rows: per column the type, then the element
 * type when it is an array. */
static const char CATALOG_SQL[] =
    "WITH RECURSIVE step(n, is_element, oid, typmod) AS ("
    " SELECT a.n, false, a.oid, a.typmod"
    " FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]),"
    "  pg_catalog.unnest($2::pg_catalog.int4[])) WITH ORDINALITY AS a(oid, typmod, n)"
    " UNION ALL"
    " SELECT s.n, s.is_element OR t.typtype <> 'd',"
    "  CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END,"
    "  CASE WHEN t.typtype = 'd' AND s.typmod = -1 THEN t.typtypmod ELSE s.typmod END"
    " FROM step s JOIN pg_catalog.pg_type t ON t.oid = s.oid"
    " WHERE t.typtype = 'd' OR t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc)"
    "SELECT s.n - 1, s.is_element, t.oid, s.typmod, t.typname,"
    " pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.typname),"
    " CASE WHEN f.proargtypes[0] = t.oid OR ft.typtype = 'p'"
    "  THEN pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.proname) END,"
    " coalesce(sf.proname, ''), t.typtype, t.typdelim,"
    " t.typoutput = 'pg_catalog.array_out'::pg_catalog.regproc, tn.nspname = 'pg_catalog',"
    " t.typelem, pg_catalog.format_type(a.oid, a.typmod)"
    " FROM step s"
    " JOIN pg_catalog.pg_type t ON t.oid = s.oid AND t.typtype <> 'd'"
    " JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace"
    " JOIN pg_catalog.pg_proc f ON f.oid = t.typoutput"
    " JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace"
    " LEFT JOIN pg_catalog.pg_type ft ON ft.oid = f.proargtypes[0]"
    " LEFT JOIN pg_catalog.pg_proc sf ON sf.oid = t.typsend"
    " JOIN ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]),"
    "  pg_catalog.unnest($2::pg_catalog.int4[])) WITH ORDINALITY AS a(oid, typmod, n)"
    "  ON a.n = s.n"
    " ORDER BY s.n, s.is_element";

/* Type names are spelled by the search path (public.mood or mood), and quoted on demand; stored
 * schemas must not change with either. */
static const char *const ENTER_SQL[] = {"SAVEPOINT _rivet", "SET LOCAL search_path = pg_catalog",
                                        "SET LOCAL quote_all_identifiers = off"};
static const char *const LEAVE_SQL[] = {"ROLLBACK TO SAVEPOINT _rivet", "RELEASE SAVEPOINT _rivet"};

/* The columns of CATALOG_SQL. */
enum {
    AT_COLUMN,
    AT_IS_ELEMENT,
    AT_OID,
    AT_TYPMOD,
    AT_NAME,
    AT_QUOTED_NAME,
    AT_OUTPUT,
    AT_SEND,
    AT_KIND,
    AT_DELIMITER,
    AT_IS_ARRAY,
    AT_IS_BUILTIN,
    AT_ELEMENT_OID,
    AT_DECLARED,
};

static uint32_t
oid_at(const PGresult *result, int row, int field)
{
    return (uint32_t)strtoul(PQgetvalue(result, row, field), NULL, 10);
}

static void
read_type(const PGresult *result, int row, Arena *arena, PgCatalogType *type)
{
    *type = (PgCatalogType){
        .oid = oid_at(result, row, AT_OID),
        .typmod = (int32_t)strtol(PQgetvalue(result, row, AT_TYPMOD), NULL, 10),
        .name = arena_dup_string(arena, PQgetvalue(result, row, AT_NAME)),
        .quoted_name = arena_dup_string(arena, PQgetvalue(result, row, AT_QUOTED_NAME)),
        .output = PQgetisnull(result, row, AT_OUTPUT)
                      ? NULL
                      : arena_dup_string(arena, PQgetvalue(result, row, AT_OUTPUT)),
        .send = arena_dup_string(arena, PQgetvalue(result, row, AT_SEND)),
        .kind = PQgetvalue(result, row, AT_KIND)[0],
        .delimiter = PQgetvalue(result, row, AT_DELIMITER)[0],
        .is_array = PQgetvalue(result, row, AT_IS_ARRAY)[0] == 't',
        .is_builtin = PQgetvalue(result, row, AT_IS_BUILTIN)[0] == 't',
        .element_oid = oid_at(result, row, AT_ELEMENT_OID),
    };
}

static bool
read_rows(const PGresult *result, size_t column_count, Arena *arena, PgCatalogColumn *columns,
          Error *err)
{
    for (int row = 0; row < PQntuples(result); row++) {
        size_t column = oid_at(result, row, AT_COLUMN);
        bool is_element = PQgetvalue(result, row, AT_IS_ELEMENT)[0] == 't';
        if (column >= column_count)
            break;
        if (!is_element)
            columns[column].declared =
                arena_dup_string(arena, PQgetvalue(result, row, AT_DECLARED));
        read_type(result, row, arena,
                  is_element ? &columns[column].element : &columns[column].type);
    }
    for (size_t i = 0; i < column_count; i++) {
        if (columns[i].type.oid == 0 || (columns[i].type.is_array && columns[i].element.oid == 0))
            return error_set(err, ERR_QUERY, "the catalogue does not know the type of column %zu",
                             i + 1);
    }
    return true;
}

/* "{23,25}" */
static void
write_arrays(const PGresult *described, Buffer *oids, Buffer *typmods)
{
    for (int i = 0; i < PQnfields(described); i++) {
        buffer_append_format(oids, "%c%u", i == 0 ? '{' : ',', PQftype(described, i));
        buffer_append_format(typmods, "%c%d", i == 0 ? '{' : ',', PQfmod(described, i));
    }
    buffer_append_byte(oids, '}');
    buffer_append_byte(typmods, '}');
}

static bool
add_all(PgPipeline *pipeline, const char *const *statements, size_t count, Error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!pg_pipeline_add(pipeline, statements[i], err))
            return false;
    return true;
}

/* Values: the two parameters. */
static bool
ask_catalog(PgSource *pg, const char *const values[2], bool is_last, PGresult **result, Error *err)
{
    PgPipeline pipeline;

    if (!pg_pipeline_start(pg, &pipeline, err) ||
        !add_all(&pipeline, ENTER_SQL, ARRAY_LENGTH(ENTER_SQL), err))
        return false;
    pg_pipeline_ask(&pipeline);
    return pg_pipeline_sent(
               &pipeline, PQsendQueryParams(pg->conn, CATALOG_SQL, 2, NULL, values, NULL, NULL, 0),
               err) &&
           add_all(&pipeline, LEAVE_SQL, ARRAY_LENGTH(LEAVE_SQL), err) &&
           (!is_last || pg_pipeline_add(&pipeline, "COMMIT", err)) &&
           pg_pipeline_finish(&pipeline, result, err);
}

bool
pg_catalog_read(PgSource *pg, const PGresult *described, bool is_last, Arena *arena,
                PgCatalogColumn **columns, Error *err)
{
    size_t column_count = (size_t)PQnfields(described);
    Buffer oids = {0};
    Buffer typmods = {0};
    PGresult *result = NULL;

    write_arrays(described, &oids, &typmods);
    const char *const values[] = {buffer_text(&oids), buffer_text(&typmods)};
    *columns = ARENA_ARRAY(arena, PgCatalogColumn, column_count);
    bool ok = ask_catalog(pg, values, is_last, &result, err) &&
              read_rows(result, column_count, arena, *columns, err);
    PQclear(result);
    buffer_release(&oids);
    buffer_release(&typmods);
    return ok;
}
