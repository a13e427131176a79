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

bool
pg_explain(Source *source, const ReadPlan *plan, const ReadRange *range, Arena *arena,
           QueryFacts *facts, Error *err)
{
    PgSource *pg = (PgSource *)source;
    const PgPlan *own = plan->driver_plan;
    PGresult *result = NULL;
    Buffer sql = {0};

    buffer_append_text(&sql, "EXPLAIN ");
    bool ok = pg_build_select(pg, plan, own->items, range, NULL, &sql, err) &&
              pg_ask(pg, buffer_text(&sql), false, &result, err);
    for (int row = 0; ok && row < PQntuples(result); row++)
        pg_explain_take_line(PQgetvalue(result, row, 0), arena, facts);
    PQclear(result);
    buffer_release(&sql);
    return ok;
}
