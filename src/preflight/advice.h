/* advice.h: what the facts of an export suggest: verdict, profile, parallelism, warnings.
 *
 * The rules are tables; the first row that matches decides. Nothing here asks a server.
 * Source  spec: cli §6.2 … §6.6 */
#ifndef RIVET_PREFLIGHT_ADVICE_H
#define RIVET_PREFLIGHT_ADVICE_H

#include "config/config.h"

typedef enum Verdict {
    VERDICT_EFFICIENT,
    VERDICT_ACCEPTABLE,
    VERDICT_DEGRADED,
    VERDICT_UNSAFE,
} Verdict;

typedef struct AdviceFacts {
    ExportMode mode;
    int64_t rows; /* estimate; 0 when unknown */
    bool uses_index;
    const char *cursor_column; /* NULL: none, whatever the mode; likewise the two below */
    const char *chunk_column;
    const char *time_column;
    int64_t parallel;
    int64_t chunk_size;
    bool is_dense;     /* chunk_dense */
    bool numbers_rows; /* the query holds ROW_NUMBER */
    bool has_key_span; /* chunked along an integer whose ends are known */
    int64_t key_min, key_max;
} AdviceFacts;

enum { ADVICE_WARNINGS_MAX = 3 };

typedef struct Advice {
    Verdict verdict;
    Profile profile;
    int64_t parallel;
    const char *parallel_reason;
    const char *warnings[ADVICE_WARNINGS_MAX];
    size_t warning_count;
    const char *suggestion; /* NULL: none is called for */
} Advice;

/* Texts in arena. */
void advise(const AdviceFacts *facts, Arena *arena, Advice *advice);

const char *verdict_word(Verdict verdict);

/* Windows of chunk_size that the span of the key needs, at least 1. */
uint64_t advice_window_count(const AdviceFacts *facts);

#endif
