/* chunk_key.h: what an export in chunks is cut along, and whether it can be at all.
 *
 * The configured columns, else the primary key of the query's only table, else that table's pages.
 * Shared by a run and by check, which refuse the same in the same words.
 * Source  spec: extraction §4 */
#ifndef RIVET_PREFLIGHT_CHUNK_KEY_H
#define RIVET_PREFLIGHT_CHUNK_KEY_H

#include "source/source.h"

typedef struct ChunkKey {
    TextList columns;      /* none: by pages */
    bool is_default;       /* a primary key: never NULL */
    PageFacts pages;       /* without columns */
    const char *no_resume; /* why a plan along it outlives no process: a clause; NULL: it does */
} ChunkKey;

/* Texts in arena. ERR_CONFIG: no key, or one that cannot keep what is asked for. */
MUST_USE bool chunk_key_find(const ExportConfig *export, Source *source, const ReadPlan *query,
                             Arena *arena, ChunkKey *key, Error *err);

#endif
