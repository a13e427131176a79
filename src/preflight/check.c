#include "preflight/check.h"

#include "preflight/columns.h"
#include "util/memory.h"

/* A statement's time is told by this rate, which servers reach over a network: an order of
 * magnitude, not a promise. */
static const double READ_BYTES_PER_S = 50.0 * 1024 * 1024;

typedef struct Checker {
    const CheckRequest *request;
    Source *source;
    Arena *arena;
    const ServerFacts *server;
    const char *query; /* of the export at hand */
    ExportCheck *check;
    bool is_foreseen; /* its error is about earlier runs, and not about the source */
} Checker;

static void add_note(Checker *checker, const char *format, ...) PRINTF_LIKE(2, 3);

static void
add_note(Checker *checker, const char *format, ...)
{
    ExportCheck *check = checker->check;
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (check->note_count < CHECK_NOTES_MAX)
        check->notes[check->note_count++] = arena_dup_string(checker->arena, text);
}

/* The connection is of no more use, or the user wants to stop: nothing else can be found out. */
static bool
ends_everything(const Error *err)
{
    return err->code == ERR_UNAVAILABLE || err->code == ERR_INTERRUPTED || err->needs_reconnect;
}

/* ---- facts ---- */

static ReadRange
first_run_range(const ExportConfig *export)
{
    return (ReadRange){
        .columns = export->cursor_columns.items,
        .column_count = export->cursor_columns.count,
        .is_ordered = true,
    };
}

static bool
explain_query(Checker *checker, Error *err)
{
    ExportCheck *check = checker->check;
    ReadRange range = first_run_range(check->export);
    uint64_t estimate = 0;
    Error ignored = ERROR_INIT;

    if (!source_explain(checker->source, check->plan, range.column_count > 0 ? &range : NULL,
                        checker->arena, &check->facts, err))
        return false;
    if (check->facts.row_estimate.is_set || checker->source->driver->estimate_rows == NULL)
        return true;
    if (source_estimate_rows(checker->source, check->plan, &estimate, &ignored))
        check->facts.row_estimate = (OptionalInt){true, (int64_t)estimate};
    return true;
}

static bool
find_end(Checker *checker, const char *column, bool from_top, const char **text, Error *err)
{
    const ReadRange within = {.columns = &column, .column_count = 1};
    const KeyQuery query = {.within = &within, .from_top = from_top};
    const char *const *key = NULL;
    bool found = false;

    *text = NULL;
    if (!source_find_key(checker->source, checker->check->plan, &query, checker->arena, &key,
                         &found, err))
        return false;
    if (found)
        *text = key[0];
    return true;
}

/* A fact that is nice to have: without it the check goes on, unless nothing can. */
static bool
forgive(Checker *checker, const char *what, Error *err)
{
    if (ends_everything(err))
        return false;
    if (err->code == ERR_TIMEOUT)
        add_note(checker, "%s was not found within %d s, which speaks for a missing index", what,
                 CHECK_STATEMENT_S);
    error_clear(err);
    return true;
}

/* Does a run ask for the ends itself? Then what the server will not do for us it will not do for
 * the run. */
static bool
needs_range(const ExportConfig *export)
{
    return export->mode == MODE_INCREMENTAL ||
           (export->mode == MODE_CHUNKED && !export->chunk_dense);
}

static bool
find_range(Checker *checker, Error *err)
{
    ExportCheck *check = checker->check;
    const char *column = check_range_column(check);
    const char *min = NULL;
    const char *max = NULL;

    if (column == NULL)
        return true;
    if (!find_end(checker, column, false, &min, err) || !find_end(checker, column, true, &max, err))
        return (err->code == ERR_TIMEOUT || !needs_range(check->export)) &&
               forgive(checker, arena_format(checker->arena, "the range of '%s'", column), err);
    if (min != NULL && max != NULL) {
        check->range_min = min;
        check->range_max = max;
    }
    return true;
}

/* Is the range that was found the one of these columns? */
static bool
has_range_of(const ExportCheck *check, TextList columns)
{
    return check->range_max != NULL && columns.count > 0 &&
           strcmp(columns.items[0], check_range_column(check)) == 0;
}

/* NULLs under cursor_nulls: error stop a run, so they stop the check. */
static bool
check_null_cursors(Checker *checker, Error *err)
{
    const ExportConfig *export = checker->check->export;
    TextList columns = export->cursor_columns;
    bool found = false;

    if (export->mode != MODE_INCREMENTAL || export->cursor_nulls != CURSOR_NULLS_ERROR)
        return true;
    if (!source_has_null_key(checker->source, checker->check->plan, columns.items, columns.count,
                             &found, err))
        return forgive(checker, "whether the cursor has NULLs", err);
    if (!found) {
        add_note(checker, "a NULL in '%s' would stop the run (cursor_nulls: error)",
                 columns.items[0]);
        return true;
    }
    return columns_refuse_nulls(columns.items[0], err);
}

/* A lag keeps the cursor below the highest value. */
static bool
check_top_cursor(const ExportCheck *check, Error *err)
{
    const ExportConfig *export = check->export;

    return export->mode != MODE_INCREMENTAL || export->cursor_lag != NULL ||
           !has_range_of(check, export->cursor_columns) ||
           columns_check_top(export->cursor_columns.items[0], check->range_max, err);
}

/* ---- what follows from them ---- */

static bool
parse_integer(const char *text, int64_t *value)
{
    char *end = NULL;

    if (text == NULL)
        return false;
    *value = strtoll(text, &end, 10);
    return end != text && *end == '\0';
}

static bool
is_integer_key(const Checker *checker)
{
    const Schema *schema = checker->check->plan->schema;
    TextList columns = checker->check->key.columns;
    size_t index = 0;
    Error ignored = ERROR_INIT;

    return columns.count == 1 &&
           source_find_column(checker->source, schema, columns.items[0], &index, &ignored) &&
           column_is_integer(&schema->columns[index].type);
}

static AdviceFacts
advice_facts(const Checker *checker)
{
    const ExportCheck *check = checker->check;
    const ExportConfig *export = check->export;
    AdviceFacts facts = {
        .mode = export->mode,
        .rows = check->facts.row_estimate.value,
        .uses_index = check->facts.uses_index,
        .cursor_column = export->cursor_columns.count > 0 ? export->cursor_columns.items[0] : NULL,
        .chunk_column = check->key.columns.count > 0 ? check->key.columns.items[0] : NULL,
        .time_column = export->time_column,
        .parallel = export->parallel,
        .chunk_size = export->chunk_size,
        .is_dense = export->chunk_dense,
        .numbers_rows = strcasestr(checker->query, "ROW_NUMBER") != NULL,
    };

    facts.has_key_span = export->mode == MODE_CHUNKED && is_integer_key(checker) &&
                         parse_integer(check->range_min, &facts.key_min) &&
                         parse_integer(check->range_max, &facts.key_max);
    return facts;
}

static int64_t
rows_per_fetch(const ExportCheck *check)
{
    const Tuning *tuning = &check->export->tuning;
    int64_t row_bytes = (int64_t)size_max(check->plan->row_estimate_bytes, 1);

    if (!tuning->batch_size_memory_mb.is_set)
        return tuning->batch_size;
    int64_t rows = tuning->batch_size_memory_mb.value * 1024 * 1024 / row_bytes;
    return rows > 0 ? rows : 1;
}

/* Are the rows fetched in short statements? */
static bool
is_fetched(const ExportCheck *check)
{
    FetchMethod fetch = check->export->tuning.fetch;

    return fetch == FETCH_CURSOR || (fetch == FETCH_PAGES && check->facts.is_paged);
}

/* How many statements read all rows, and the longest of them by READ_BYTES_PER_S. */
static void
estimate_statements(ExportCheck *check)
{
    int64_t rows = check->facts.row_estimate.value;
    uint64_t count = check->window_count > 0 ? check->window_count : 1;

    if (!check->facts.row_estimate.is_set)
        return;
    int64_t each = rows / (int64_t)count + (rows % (int64_t)count != 0);
    if (is_fetched(check) && each > rows_per_fetch(check)) {
        each = rows_per_fetch(check);
        count = (uint64_t)(rows / each + (rows % each != 0));
    }
    check->statement_count = count;
    check->statement_s = (double)each * (double)check->plan->row_estimate_bytes / READ_BYTES_PER_S;
}

static void
note_connections(Checker *checker)
{
    const OptionalInt *left = &checker->server->connections_free;
    int64_t wanted = checker->check->export->parallel;

    /* The last three stay for others (spec: extraction §4). */
    if (left->is_set && wanted > 1 && wanted > left->value - 3)
        add_note(checker,
                 "parallel: %" PRId64 " asks for more than the server's %" PRId64
                 " free connections less 3 leave",
                 wanted, left->value);
}

/* Limits of statements and the pauses between them say nothing about a stream. */
static void
note_stream(Checker *checker)
{
    const ExportCheck *check = checker->check;

    if (checker->source->driver->kind != SOURCE_MYSQL || is_fetched(check))
        return;
    add_note(checker, "read as %s stream%s: no statement_timeout_s applies to it%s",
             check->export->mode == MODE_CHUNKED ? "one" : "a single",
             check->export->mode == MODE_CHUNKED ? " per chunk" : "",
             check->export->tuning.fetch == FETCH_PAGES
                 ? ", since no unique key that is never NULL is among the columns of one table"
                 : " (tuning.fetch: pages reads in short statements)");
}

/* GROUP BY, DISTINCT, UNION, LIMIT, window functions: what rivet puts around such a query is not
 * pushed into it. */
static void
note_materialised(Checker *checker)
{
    const ExportCheck *check = checker->check;
    bool is_repeated = check->export->mode == MODE_CHUNKED || is_fetched(check);

    if (checker->source->driver->kind == SOURCE_MYSQL && check->facts.is_materialised &&
        is_repeated)
        add_note(checker,
                 "the server computes the whole query again for every %s (GROUP BY, DISTINCT, "
                 "UNION, LIMIT or a window function): mode: full reads it once",
                 check->export->mode == MODE_CHUNKED ? "chunk" : "page");
}

static void
draw_conclusions(Checker *checker)
{
    ExportCheck *check = checker->check;
    AdviceFacts facts = advice_facts(checker);

    if (facts.has_key_span && !facts.is_dense && check->export->chunk_by == CHUNK_BY_KEY)
        check->window_count = advice_window_count(&facts);
    else if (check->export->mode == MODE_CHUNKED && facts.rows > 0)
        check->window_count = (uint64_t)((facts.rows - 1) / facts.chunk_size) + 1;
    estimate_statements(check);
    advise(&facts, checker->arena, &check->advice);
    note_connections(checker);
    note_stream(checker);
    note_materialised(checker);
    if (check->key.no_resume != NULL)
        add_note(checker, "a run that breaks off begins anew: %s", check->key.no_resume);
}

/* What a first run reads, or each of its chunks, with bounds where they are known. */
static ReadRange
run_range(const ExportCheck *check)
{
    const ExportConfig *export = check->export;
    bool is_chunked = export->mode == MODE_CHUNKED;
    TextList columns = is_chunked                         ? check->key.columns
                       : export->mode == MODE_INCREMENTAL ? export->cursor_columns
                                                          : (TextList){0};
    ReadRange range = {.columns = columns.items, .column_count = columns.count, .is_ordered = true};

    if (!has_range_of(check, columns) || (is_chunked && export->chunk_dense))
        return range;
    range.is_ordered = !is_chunked;
    range.includes_null = !is_chunked && export->cursor_nulls == CURSOR_NULLS_INCLUDE_FIRST;
    range.upper_kind = BOUND_INCLUSIVE;
    range.upper = &check->range_max;
    range.upper_count = 1;
    if (is_chunked) {
        range.lower_kind = BOUND_INCLUSIVE;
        range.lower = &check->range_min;
        range.lower_count = 1;
    }
    return range;
}

/* How the server takes what a run puts around the query: its bounds and its order. */
static bool
explain_wrapped(Checker *checker, Error *err)
{
    ExportCheck *check = checker->check;
    const ReadRange range = run_range(check);
    bool was_so_explained = range.column_count == 0 && check->export->cursor_columns.count == 0;
    QueryFacts facts = {0};

    if (checker->source->driver->kind != SOURCE_MYSQL || was_so_explained)
        return true;
    if (!source_explain(checker->source, check->plan, range.column_count > 0 ? &range : NULL,
                        checker->arena, &facts, err))
        return false;
    check->facts.is_materialised = facts.is_materialised;
    check->facts.is_paged = facts.is_paged;
    return true;
}

/* ---- one export ---- */

static bool
find_key(Checker *checker, Error *err)
{
    ExportCheck *check = checker->check;

    return check->export->mode != MODE_CHUNKED ||
           chunk_key_find(check->export, checker->source, check->plan, checker->arena, &check->key,
                          err);
}

static bool
foresee(Checker *checker, Error *err)
{
    const CheckRequest *request = checker->request;
    CheckForesight ask = {
        .export = checker->check->export,
        .query = checker->query,
        .source = checker->source,
        .plan = checker->check->plan,
        .arena = checker->arena,
    };

    checker->is_foreseen =
        request->foresee != NULL && !request->foresee(request->history, &ask, err);
    if (ask.note != NULL)
        add_note(checker, "%s", ask.note);
    return !checker->is_foreseen;
}

static bool
check_export(Checker *checker, Error *err)
{
    const CheckRequest *request = checker->request;
    ExportCheck *check = checker->check;

    if (!config_resolve_query(request->config, check->export, request->options, checker->arena,
                              &checker->query, err) ||
        !source_describe(checker->source, checker->query, &check->export->type_rules, &check->plan,
                         err) ||
        !columns_check(check->export, checker->source, check->plan->schema, err) ||
        !foresee(checker, err) || !find_key(checker, err) || !explain_query(checker, err) ||
        !find_range(checker, err) || !explain_wrapped(checker, err) ||
        !check_null_cursors(checker, err) || !check_top_cursor(check, err))
        return false;
    draw_conclusions(checker);
    return true;
}

static bool
check_each(Checker *checker, Check *check, Error *err)
{
    for (size_t i = 0; i < check->count; i++) {
        checker->check = &check->exports[i];
        checker->check->export = &checker->request->exports[i];
        checker->is_foreseen = false;
        if (check_export(checker, &checker->check->error))
            continue;
        error_add_context(&checker->check->error, "export '%s'", checker->check->export->name);
        if (!checker->is_foreseen && ends_everything(&checker->check->error)) {
            *err = checker->check->error;
            return false;
        }
    }
    return true;
}

/* Gentler than any export asks for. */
static Tuning
check_tuning(const Tuning *wanted)
{
    Tuning tuning = *wanted;

    if (tuning.statement_timeout_s == 0 || tuning.statement_timeout_s > CHECK_STATEMENT_S)
        tuning.statement_timeout_s = CHECK_STATEMENT_S;
    if (tuning.lock_timeout_s == 0 || tuning.lock_timeout_s > CHECK_STATEMENT_S)
        tuning.lock_timeout_s = CHECK_STATEMENT_S;
    return tuning;
}

bool
check_exports(const CheckRequest *request, Check *check, Error *err)
{
    SourceAddress address;
    Tuning tuning = check_tuning(&request->exports[0].tuning);
    Error ignored = ERROR_INIT;

    *check = (Check){.count = request->count};
    check->exports = memory_alloc_zero(request->count, sizeof(*check->exports));
    Checker checker = {.request = request, .arena = &check->arena, .server = &check->server};
    const SourceOptions options = {
        .address = &address, .tuning = &tuning, .max_cell_bytes = (size_t)1024 * 1024};
    if (!config_resolve_source(request->config, &check->arena, &address, err) ||
        !source_connect(&options, &checker.source, err))
        return false;
    memcpy(check->source_identity, checker.source->identity, sizeof(check->source_identity));
    memcpy(check->server_version, checker.source->server_version, sizeof(check->server_version));
    /* A server that does not tell about itself may still answer queries. */
    (void)!source_inspect(checker.source, &check->arena, &check->server, &ignored);
    bool ok = check_each(&checker, check, err);
    source_close(checker.source);
    return ok;
}

void
check_release(Check *check)
{
    for (size_t i = 0; i < check->count; i++)
        source_plan_free(check->exports[i].plan);
    free(check->exports);
    arena_release(&check->arena);
    *check = (Check){0};
}
