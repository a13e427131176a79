/* nearest.h: the known name that a misspelt one most likely means.
 *
 * Distance  insertions, deletions, substitutions and swaps of neighbours; a suggestion is at most a
 *           third of the length away, and at most three.
 * Use       NEAREST_INIT(text), nearest_offer for each candidate, then read best (NULL: none). */
#ifndef RIVET_CONFIG_NEAREST_H
#define RIVET_CONFIG_NEAREST_H

#include "util/base.h"

typedef struct Nearest {
    const char *wanted;
    const char *best;
    size_t distance;
} Nearest;

#define NEAREST_INIT(text) ((Nearest){.wanted = (text)})

void nearest_offer(Nearest *nearest, const char *candidate);

#endif
