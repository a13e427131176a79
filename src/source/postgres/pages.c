/* Reading a table by its pages, where it has no key: ctid ranges, which PostgreSQL 14 and later
 * find without a scan. Only for SELECT … FROM one table [WHERE …] that is nothing but a scan. */
#include <strings.h>

#include "source/postgres/postgres.h"
#include "util/memory.h"

enum { TID_RANGES_SINCE = 140000 };

/* Where the pieces of such a query are. */
typedef struct TableQuery {
    const char *table; /* as written, with its schema */
    size_t table_bytes;
    const char *head_end;  /* behind the table and its alias */
    const char *condition; /* behind WHERE; NULL: none */
} TableQuery;

typedef struct Token {
    const char *text;
    size_t length;
} Token;

static bool
is_word(const Token *token, const char *word)
{
    return token->length == strlen(word) && strncasecmp(token->text, word, token->length) == 0;
}

static bool
is_any_word(const Token *token, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_word(token, words[i]))
            return true;
    return false;
}

static bool
is_name(const Token *token)
{
    char first = token->text[0];

    return first == '"' || first == '_' || (first >= 'a' && first <= 'z') ||
           (first >= 'A' && first <= 'Z');
}

static bool
next(QueryScan *scan, Token *token)
{
    return query_scan_next(scan, &token->text, &token->length);
}

/* Up to FROM outside parentheses. */
static bool
skip_select_list(QueryScan *scan)
{
    static const char *const REFUSED[] = {"distinct", "into", "union", "limit"};
    Token token;
    int depth = 0;

    if (!next(scan, &token) || !is_word(&token, "select"))
        return false;
    while (next(scan, &token)) {
        depth += token.text[0] == '(' ? 1 : token.text[0] == ')' ? -1 : 0;
        if (depth == 0 && is_word(&token, "from"))
            return true;
        if (depth == 0 && is_any_word(&token, REFUSED, ARRAY_LENGTH(REFUSED)))
            return false;
    }
    return false;
}

/* name [. name] [[AS] alias]; *last the token behind, has_last false at the end. */
static bool
read_table(QueryScan *scan, TableQuery *query, Token *last, bool *has_last)
{
    Token token;

    if (!next(scan, &token) || !is_name(&token))
        return false;
    query->table = token.text;
    query->head_end = token.text + token.length;
    *has_last = next(scan, &token);
    if (*has_last && token.text[0] == '.') {
        if (!next(scan, &token) || !is_name(&token))
            return false;
        query->head_end = token.text + token.length;
        *has_last = next(scan, &token);
    }
    query->table_bytes = (size_t)(query->head_end - query->table);
    if (*has_last && is_word(&token, "as") && !(*has_last = next(scan, &token)))
        return false;
    if (*has_last && is_name(&token) && !is_word(&token, "where")) {
        query->head_end = token.text + token.length;
        *has_last = next(scan, &token);
    }
    *last = token;
    return true;
}

/* Nothing behind WHERE but the condition. */
static bool
is_plain_condition(QueryScan *scan)
{
    static const char *const REFUSED[] = {"group",  "order",  "limit", "offset",
                                          "fetch",  "having", "union", "intersect",
                                          "except", "window", "for"};
    Token token;
    int depth = 0;

    while (next(scan, &token)) {
        depth += token.text[0] == '(' ? 1 : token.text[0] == ')' ? -1 : 0;
        if (depth == 0 && is_any_word(&token, REFUSED, ARRAY_LENGTH(REFUSED)))
            return false;
    }
    return true;
}

static bool
parse(const PgSource *pg, const char *text, TableQuery *query)
{
    QueryScan scan = {.dialect = pg_query_dialect(pg), .text = text};
    Token last = {0};
    bool has_last = false;

    *query = (TableQuery){0};
    if (!skip_select_list(&scan) || !read_table(&scan, query, &last, &has_last))
        return false;
    if (!has_last)
        return true;
    query->condition = last.text + last.length;
    return is_word(&last, "where") && is_plain_condition(&scan);
}

bool
pg_write_pages(const PgSource *pg, const ReadPlan *plan, const ReadRange *range, Arena *arena,
               const char **query, Error *err)
{
    const PgPlan *own = plan->driver_plan;
    TableQuery parts;
    Buffer text = {0};

    if (!parse(pg, own->query, &parts))
        return error_set(err, ERR_QUERY, "the query cannot be read by the pages of its table");
    buffer_append(&text, own->query, (size_t)(parts.head_end - own->query));
    buffer_append_format(&text, " WHERE ctid >= '(%" PRIu64 ",0)'::pg_catalog.tid",
                         range->first_page);
    if (range->end_page > 0)
        buffer_append_format(&text, " AND ctid < '(%" PRIu64 ",0)'::pg_catalog.tid",
                             range->end_page);
    if (parts.condition != NULL)
        buffer_append_format(&text, " AND (%s\n)", parts.condition);
    *query = arena_dup_string(arena, buffer_text(&text));
    buffer_release(&text);
    return true;
}

/* Aggregates, windows, set-returning functions and joins show as nodes that are no scan. */
static bool
is_only_a_scan(const PGresult *explained)
{
    static const char *const SCANS[] = {
        "Seq Scan on ",         "Parallel Seq Scan on ", "Index Scan ", "Index Only Scan ",
        "Bitmap Heap Scan on ", "Bitmap Index Scan on ", "Gather  (",   "Tid Range Scan on "};

    for (int row = 0; row < PQntuples(explained); row++) {
        const char *line = PQgetvalue(explained, row, 0);
        bool is_scan = strstr(line, "  (cost=") == NULL; /* no node at all */
        line += strspn(line, " ->");
        for (size_t i = 0; i < ARRAY_LENGTH(SCANS); i++)
            is_scan |= strncmp(line, SCANS[i], strlen(SCANS[i])) == 0;
        if (!is_scan)
            return false;
    }
    return true;
}

static bool
read_facts(PgSource *pg, const PgPlan *own, const TableQuery *query, PageFacts *facts, Error *err)
{
    static const char SIZE_SQL[] =
        "SELECT pg_catalog.pg_relation_size(c.oid) / "
        "pg_catalog.current_setting('block_size')::pg_catalog.int8 FROM pg_catalog.pg_class c "
        "WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = 'r'";
    PGresult *explained = NULL;
    PGresult *size = NULL;
    Buffer sql = {0};
    char *table = memory_dup_bytes(query->table, query->table_bytes);
    const char *const values[] = {table};

    buffer_append_format(&sql, "EXPLAIN %s", own->query);
    bool ok = pg_run_params(pg, buffer_text(&sql), 0, NULL, &explained, err) &&
              pg_run_params(pg, SIZE_SQL, ARRAY_LENGTH(values), values, &size, err);
    if (ok && PQntuples(size) == 1 && is_only_a_scan(explained)) {
        facts->can_read_pages = true;
        facts->page_count = strtoull(PQgetvalue(size, 0, 0), NULL, 10);
    }
    PQclear(explained);
    PQclear(size);
    buffer_release(&sql);
    free(table);
    return ok;
}

bool
pg_page_facts(Source *source, const ReadPlan *plan, PageFacts *facts, Error *err)
{
    PgSource *pg = (PgSource *)source;
    const PgPlan *own = plan->driver_plan;
    TableQuery query;

    if (PQserverVersion(pg->conn) < TID_RANGES_SINCE || !parse(pg, own->query, &query))
        return true;
    bool ok = pg_transaction_begin(pg, err) && read_facts(pg, own, &query, facts, err) &&
              pg_transaction_end(pg, err);
    if (!ok)
        pg_abandon(pg);
    return ok &&
           (!facts->can_read_pages || pg_estimate_rows(source, plan, &facts->row_estimate, err));
}
