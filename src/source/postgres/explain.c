#include "source/postgres/explain.h"

#include "source/postgres/postgres.h"

/* Only lines of plan nodes carry costs; filters and keys, which quote the query, do not. */
static bool
is_node(const char *line)
{
    return strstr(line, "  (cost=") != NULL;
}

/* The wrapper that rivet itself puts around a query is no way of finding rows. */
static bool
is_scan(const char *line)
{
    return is_node(line) && (strstr(line, "Scan") != NULL || strstr(line, "scan") != NULL) &&
           strstr(line, "Subquery Scan on _rivet ") == NULL;
}

static bool
is_index_scan(const char *line)
{
    return is_node(line) &&
           (strstr(line, "Index Scan") != NULL || strstr(line, "Index Only Scan") != NULL);
}

static const char *
without_arrow(const char *line)
{
    line += strspn(line, " ");
    if (strncmp(line, "->", 2) == 0)
        line += 2;
    return line + strspn(line, " ");
}

void
pg_explain_take_line(const char *line, Arena *arena, QueryFacts *facts)
{
    static const char ROWS[] = " rows=";
    const char *rows = is_node(line) ? strstr(line, ROWS) : NULL;
    bool has_scan = facts->scan_text != NULL && is_scan(facts->scan_text);

    if (rows != NULL && !facts->row_estimate.is_set)
        facts->row_estimate = (OptionalInt){true, (int64_t)strtoll(rows + strlen(ROWS), NULL, 10)};
    if (facts->scan_text == NULL || (!has_scan && is_scan(line)))
        facts->scan_text = arena_dup_string(arena, without_arrow(line));
    facts->uses_index |= is_index_scan(line);
}

/* In the open or held snapshot, else in a transaction of its own, so that the limits of the session
 * hold. */
static bool
run_explain(PgSource *pg, const ReadPlan *plan, const ReadRange *range, PGresult **out, Error *err)
{
    const PgPlan *own = plan->driver_plan;
    bool is_alone = !pg->has_snapshot && !pg->holds_snapshot;
    Buffer sql = {0};

    buffer_append_text(&sql, "EXPLAIN ");
    bool ok = (!is_alone || pg_transaction_begin(pg, err)) &&
              pg_build_select(pg, plan, own->items, range, NULL, &sql, err) &&
              pg_run_params(pg, buffer_text(&sql), 0, NULL, out, err) &&
              (!is_alone || pg_transaction_end(pg, err));
    if (!ok && is_alone)
        pg_abandon(pg);
    buffer_release(&sql);
    return ok;
}

bool
pg_explain(Source *source, const ReadPlan *plan, const ReadRange *range, Arena *arena,
           QueryFacts *facts, Error *err)
{
    PGresult *result = NULL;

    bool ok = run_explain((PgSource *)source, plan, range, &result, err);
    for (int row = 0; ok && row < PQntuples(result); row++)
        pg_explain_take_line(PQgetvalue(result, row, 0), arena, facts);
    PQclear(result);
    return ok;
}
