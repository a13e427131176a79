/* reset.h: give an export's stored state up (rivet state reset, rivet state reset-chunks).
 *
 * place: where the configuration of today puts the export; it has the credentials of a store. NULL
 * when there is none: then only local directories can be reached.
 *
 * Under the export's lock: unrecorded parts are undone, never rolled forward; what cannot be
 * reached any more is named and forgotten; runs that were open end as interrupted; the cursor
 * goes. Visible files stay. A checkpointed chunk run is left alone, and is given up by itself.
 * Source  spec: delivery §3 */
#ifndef RIVET_PIPELINE_RESET_H
#define RIVET_PIPELINE_RESET_H

#include "config/config.h"
#include "state/state.h"

/* *found: there was something to give up. */
MUST_USE bool reset_export(State *state, const char *export_name, const DestinationConfig *place,
                           bool *found, Error *err);

/* A visible file of a run that is given up: it stays, and is of no done run. */
typedef struct LeftFile {
    const char *destination; /* absolute */
    const char *key;
} LeftFile;

typedef struct ChunkReset {
    int64_t run_count; /* plans that went, whole ones too */
    LeftFile *files;   /* in arena */
    size_t file_count;
} ChunkReset;

/* Every chunk plan of the export; runs that are not done are given up. */
MUST_USE bool reset_chunks(State *state, const char *export_name, const DestinationConfig *place,
                           Arena *arena, ChunkReset *reset, Error *err);

#endif
