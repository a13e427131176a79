/* The primary key of the table a query reads, as a column of its result. Any column of the result
 * cuts it correctly; the primary key is the one that an index serves and that has no NULLs. */
#include "source/postgres/postgres.h"

/* The one table that the columns come from, 0 when there are several or none. Columns that are
 * computed come from no table. */
static Oid
only_table(const PGresult *described)
{
    Oid table = 0;

    for (int i = 0; i < PQnfields(described); i++) {
        Oid of_column = PQftable(described, i);
        if (of_column != 0 && table != 0 && of_column != table)
            return 0;
        table = of_column != 0 ? of_column : table;
    }
    return table;
}

static bool
find_key_attribute(PgSource *pg, Oid table, int *attribute, Error *err)
{
    static const char SQL[] = "SELECT indkey[0] FROM pg_catalog.pg_index WHERE indisprimary AND "
                              "indnkeyatts = 1 AND indrelid = $1::pg_catalog.oid";
    char oid[16];
    const char *const values[] = {oid};
    PGresult *result = NULL;

    snprintf(oid, sizeof(oid), "%u", table);
    bool ok = pg_run_params(pg, SQL, ARRAY_LENGTH(values), values, &result, err);
    if (ok && PQntuples(result) == 1)
        *attribute = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return ok;
}

static bool
find_default_key(PgSource *pg, const PgPlan *own, Arena *arena, const char **column, Error *err)
{
    const char *wrapped = arena_format(arena, "SELECT * FROM (%s\n) AS _rivet", own->query);
    PGresult *described = NULL;
    int attribute = 0;

    bool ok = pg_describe_statement(pg, wrapped, &described, err);
    Oid table = ok ? only_table(described) : 0;
    if (table != 0)
        ok = find_key_attribute(pg, table, &attribute, err);
    for (int i = 0; ok && attribute > 0 && i < PQnfields(described); i++)
        if (PQftable(described, i) == table && PQftablecol(described, i) == attribute)
            *column = arena_dup_string(arena, PQfname(described, i));
    PQclear(described);
    return ok;
}

bool
pg_default_key(Source *source, const ReadPlan *plan, Arena *arena, const char **column, Error *err)
{
    PgSource *pg = (PgSource *)source;

    *column = NULL;
    bool ok = pg_transaction_begin(pg, err) &&
              find_default_key(pg, plan->driver_plan, arena, column, err) &&
              pg_transaction_end(pg, err);
    if (!ok)
        pg_abandon(pg);
    return ok;
}
