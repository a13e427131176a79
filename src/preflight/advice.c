#include "preflight/advice.h"

#include "util/buffer.h"

#define MILLION  INT64_C(1000000)
#define ANY_ROWS INT64_MAX

/* A condition of a rule. */
typedef enum When { ANY, YES, NO } When;

static bool
holds(When when, bool fact)
{
    return when == ANY || (when == YES) == fact;
}

/* ---- verdict: spec §6.2 ---- */

static const struct {
    When uses_index, has_cursor;
    int64_t rows_max;
    Verdict verdict;
} VERDICTS[] = {
    {YES, YES, 10 * MILLION, VERDICT_EFFICIENT}, {YES, YES, ANY_ROWS, VERDICT_ACCEPTABLE},
    {YES, NO, 10 * MILLION, VERDICT_ACCEPTABLE}, {YES, NO, ANY_ROWS, VERDICT_DEGRADED},
    {NO, ANY, 1 * MILLION, VERDICT_DEGRADED},    {NO, YES, 50 * MILLION, VERDICT_DEGRADED},
    {NO, ANY, ANY_ROWS, VERDICT_UNSAFE},
};

static Verdict
find_verdict(const AdviceFacts *facts)
{
    size_t i = 0;

    while (!holds(VERDICTS[i].uses_index, facts->uses_index) ||
           !holds(VERDICTS[i].has_cursor, facts->cursor_column != NULL) ||
           facts->rows > VERDICTS[i].rows_max)
        i++; /* the last row of either index takes every count */
    return VERDICTS[i].verdict;
}

const char *
verdict_word(Verdict verdict)
{
    static const char *const WORDS[] = {
        [VERDICT_EFFICIENT] = "EFFICIENT",
        [VERDICT_ACCEPTABLE] = "ACCEPTABLE",
        [VERDICT_DEGRADED] = "DEGRADED",
        [VERDICT_UNSAFE] = "UNSAFE",
    };

    return WORDS[verdict];
}

/* ---- profile: spec §6.3 ---- */

static const struct {
    When uses_index, is_parallel;
    int64_t rows_max;
    Profile profile;
} PROFILES[] = {
    {YES, ANY, 1 * MILLION, PROFILE_FAST},    {YES, ANY, 10 * MILLION, PROFILE_BALANCED},
    {YES, ANY, ANY_ROWS, PROFILE_SAFE},       {NO, YES, 100000, PROFILE_SAFE},
    {NO, ANY, 1 * MILLION, PROFILE_BALANCED}, {NO, ANY, ANY_ROWS, PROFILE_SAFE},
};

static Profile
find_profile(const AdviceFacts *facts)
{
    size_t i = 0;

    while (!holds(PROFILES[i].uses_index, facts->uses_index) ||
           !holds(PROFILES[i].is_parallel, facts->parallel > 1) ||
           facts->rows > PROFILES[i].rows_max)
        i++;
    return PROFILES[i].profile;
}

/* ---- parallelism: spec §6.4 ---- */

static const struct {
    When is_chunked, uses_index;
    int64_t rows_min, rows_max;
    int64_t level;
    const char *reason;
} PARALLELISMS[] = {
    {NO, ANY, 0, ANY_ROWS, 1, "only chunked mode benefits from parallel workers"},
    {YES, ANY, 0, 49999, 1, "dataset too small to gain from it"},
    {YES, NO, 5 * MILLION + 1, ANY_ROWS, 1, "no index: every worker would scan the whole table"},
    {YES, NO, 0, ANY_ROWS, 2, "no index, conservative"},
    {YES, YES, 0, 499999, 2, "moderate dataset"},
    {YES, YES, 0, 5 * MILLION - 1, 4, "large dataset with index"},
    {YES, YES, 0, ANY_ROWS, 4, "very large dataset, cap at 4 to bound memory"},
};

static void
find_parallelism(const AdviceFacts *facts, Advice *advice)
{
    size_t i = 0;

    while (!holds(PARALLELISMS[i].is_chunked, facts->mode == MODE_CHUNKED) ||
           !holds(PARALLELISMS[i].uses_index, facts->uses_index) ||
           facts->rows < PARALLELISMS[i].rows_min || facts->rows > PARALLELISMS[i].rows_max)
        i++;
    advice->parallel = PARALLELISMS[i].level;
    advice->parallel_reason = PARALLELISMS[i].reason;
}

/* ---- warnings: spec §6.5 ---- */

static uint64_t
key_span(const AdviceFacts *facts)
{
    uint64_t span = (uint64_t)facts->key_max - (uint64_t)facts->key_min;

    return facts->key_max <= facts->key_min ? 1 : span;
}

uint64_t
advice_window_count(const AdviceFacts *facts)
{
    uint64_t size = facts->chunk_size > 0 ? (uint64_t)facts->chunk_size : 1;

    return (key_span(facts) - 1) / size + 1;
}

static const char *
warn_sparse(const AdviceFacts *facts, Arena *arena)
{
    double density = (double)facts->rows / (double)key_span(facts);
    uint64_t windows = advice_window_count(facts);

    if (facts->mode != MODE_CHUNKED || facts->is_dense || facts->rows <= 0 ||
        !facts->has_key_span || density >= 0.1 || windows <= 10)
        return NULL;
    return arena_format(arena,
                        "Sparse key range: about %d%% of %" PRIu64 " windows of %" PRId64
                        " would be empty (%" PRId64 " .. %" PRId64 " holds ~%" PRId64
                        " rows); cut by rows along the key (chunk_by: rows), use a dense surrogate "
                        "key (chunk_dense: true), or incremental mode",
                        (int)((1 - density) * 100), windows, facts->chunk_size, facts->key_min,
                        facts->key_max, facts->rows);
}

static const char *
warn_dense_cost(const AdviceFacts *facts, Arena *arena)
{
    (void)arena;
    if (facts->mode != MODE_CHUNKED || (!facts->is_dense && !facts->numbers_rows))
        return NULL;
    return "Dense surrogate (ROW_NUMBER) costs a global sort of the whole result for each chunk; "
           "cheaper: chunk_by: rows along an indexed key, a stored row number, or incremental "
           "mode";
}

static const char *
warn_parallel_memory(const AdviceFacts *facts, Arena *arena)
{
    if (facts->parallel <= 1 || facts->rows <= 5 * MILLION)
        return NULL;
    return arena_format(arena,
                        "Parallel=%" PRId64 " over ~%" PRId64
                        "M rows can need much memory at the server; set memory_threshold_mb",
                        facts->parallel, facts->rows / MILLION);
}

static void
collect_warnings(const AdviceFacts *facts, Arena *arena, Advice *advice)
{
    static const char *(*const WARNINGS[])(const AdviceFacts *, Arena *) = {
        warn_sparse, warn_dense_cost, warn_parallel_memory};

    for (size_t i = 0; i < ARRAY_LENGTH(WARNINGS); i++) {
        const char *text = WARNINGS[i](facts, arena);
        if (text != NULL)
            advice->warnings[advice->warning_count++] = text;
    }
}

/* ---- suggestion: spec §6.6 ---- */

/* A sentence of a suggestion; %s is the column that the mode works along. Of the rows with one
 * verdict and part, the first that matches speaks. */
typedef enum Along { ALONG_NOTHING, ALONG_CHUNK, ALONG_TIME, ALONG_CURSOR } Along;

static const struct {
    Verdict verdict;
    int part;
    When is_full, is_chunked, is_time_window, has_cursor, uses_index, is_parallel;
    Along along;
    const char *before, *after; /* around the column's name */
} SENTENCES[] = {
    {VERDICT_ACCEPTABLE, 0, YES, ANY, ANY, ANY, ANY, ANY, ALONG_NOTHING,
     "switch to incremental mode with an indexed cursor", ""},
    {VERDICT_ACCEPTABLE, 0, ANY, YES, ANY, ANY, ANY, NO, ALONG_NOTHING,
     "add parallel > 1 to spread the chunks over workers", ""},
    {VERDICT_ACCEPTABLE, 0, ANY, ANY, ANY, ANY, ANY, ANY, ALONG_NOTHING, "use the safe profile",
     ""},

    {VERDICT_DEGRADED, 0, ANY, ANY, ANY, ANY, NO, ANY, ALONG_NOTHING, "no index serves this query",
     ""},
    {VERDICT_DEGRADED, 1, YES, ANY, ANY, NO, ANY, ANY, ALONG_NOTHING,
     "add an indexed cursor column and switch to incremental mode", ""},
    {VERDICT_DEGRADED, 1, ANY, YES, ANY, ANY, ANY, ANY, ALONG_CHUNK, "make an index on ", ""},
    {VERDICT_DEGRADED, 1, ANY, ANY, YES, ANY, ANY, ANY, ALONG_TIME, "make an index on ", ""},
    {VERDICT_DEGRADED, 1, ANY, ANY, ANY, NO, ANY, ANY, ALONG_NOTHING, "consider a cursor column",
     ""},
    {VERDICT_DEGRADED, 2, ANY, ANY, ANY, ANY, ANY, ANY, ALONG_NOTHING,
     "use the safe profile (tuning.profile: safe)", ""},

    {VERDICT_UNSAFE, 1, YES, ANY, ANY, ANY, ANY, ANY, ALONG_NOTHING,
     "switch to incremental mode with an indexed cursor", ""},
    {VERDICT_UNSAFE, 1, ANY, YES, ANY, ANY, ANY, ANY, ALONG_CHUNK, "make an index on ",
     ", and use a smaller chunk_size or more parallel workers"},
    {VERDICT_UNSAFE, 1, ANY, ANY, YES, ANY, ANY, ANY, ALONG_TIME, "make an index on ",
     ", and use a smaller days_window"},
    {VERDICT_UNSAFE, 1, ANY, ANY, ANY, YES, ANY, ANY, ALONG_CURSOR, "make an index on ", ""},
    {VERDICT_UNSAFE, 2, ANY, ANY, ANY, ANY, ANY, ANY, ALONG_NOTHING,
     "use the safe profile (tuning.profile: safe) and run off-peak", ""},
};
enum { SENTENCE_PARTS = 3 };

static const char *
column_along(const AdviceFacts *facts, Along along)
{
    const char *name = along == ALONG_CHUNK  ? facts->chunk_column
                       : along == ALONG_TIME ? facts->time_column
                                             : facts->cursor_column;

    return name == NULL ? "the key" : name;
}

static bool
sentence_matches(size_t i, const AdviceFacts *facts)
{
    return holds(SENTENCES[i].is_full, facts->mode == MODE_FULL) &&
           holds(SENTENCES[i].is_chunked, facts->mode == MODE_CHUNKED) &&
           holds(SENTENCES[i].is_time_window, facts->mode == MODE_TIME_WINDOW) &&
           holds(SENTENCES[i].has_cursor, facts->cursor_column != NULL) &&
           holds(SENTENCES[i].uses_index, facts->uses_index) &&
           holds(SENTENCES[i].is_parallel, facts->parallel > 1);
}

static void
append_sentence(size_t i, const AdviceFacts *facts, Buffer *out)
{
    buffer_append_format(out, "%s%s", out->size == 0 ? "" : "; ", SENTENCES[i].before);
    if (SENTENCES[i].along != ALONG_NOTHING)
        buffer_append_format(out, "'%s'", column_along(facts, SENTENCES[i].along));
    buffer_append_text(out, SENTENCES[i].after);
}

static void
append_part(Verdict verdict, int part, const AdviceFacts *facts, Buffer *out)
{
    for (size_t i = 0; i < ARRAY_LENGTH(SENTENCES); i++) {
        if (SENTENCES[i].verdict != verdict || SENTENCES[i].part != part ||
            !sentence_matches(i, facts))
            continue;
        append_sentence(i, facts, out);
        return;
    }
}

static const char *
find_suggestion(const AdviceFacts *facts, Verdict verdict, Arena *arena)
{
    bool is_large = facts->rows > 10 * MILLION;
    Buffer text = {0};

    if (verdict == VERDICT_EFFICIENT || (verdict == VERDICT_ACCEPTABLE && !is_large))
        return NULL;
    if (verdict == VERDICT_ACCEPTABLE)
        buffer_append_format(&text, "~%" PRId64 "M rows", facts->rows / MILLION);
    else if (verdict == VERDICT_UNSAFE)
        buffer_append_format(&text, "~%" PRId64 "M rows without an index", facts->rows / MILLION);
    for (int part = 0; part < SENTENCE_PARTS; part++)
        append_part(verdict, part, facts, &text);
    const char *kept = arena_dup_string(arena, buffer_text(&text));
    buffer_release(&text);
    return kept;
}

void
advise(const AdviceFacts *facts, Arena *arena, Advice *advice)
{
    *advice = (Advice){.verdict = find_verdict(facts), .profile = find_profile(facts)};
    find_parallelism(facts, advice);
    collect_warnings(facts, arena, advice);
    advice->suggestion = find_suggestion(facts, advice->verdict, arena);
}
