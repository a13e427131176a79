/* validate.h: are the delivered files still what was delivered? (rivet validate)
 *
 * Reads every part of a run again: size, XXH3 of the bytes, and the rows as the format's own reader
 * counts them, against the run's manifest, or against the state where a run keeps no manifest. The
 * source is not asked.
 * Thread  the main thread.
 * Source  spec: delivery §5 */
#ifndef RIVET_PIPELINE_VALIDATE_H
#define RIVET_PIPELINE_VALIDATE_H

#include "destination/destination.h"
#include "state/state.h"

typedef struct ValidatedPart {
    const char *key;
    Error problem; /* ERR_NONE: as delivered */
} ValidatedPart;

/* One run; texts in the arena it was made with. */
typedef struct Validation {
    const char *run_id;
    const char *export_name;
    uint64_t row_count; /* as recorded */
    uint64_t byte_count;
    ValidatedPart *parts;
    size_t part_count;
    size_t failed_count;
} Validation;

/* A damaged, missing or different part is no failure of the call but is counted in *out. False: the
 * manifest cannot be read, or the destination does not answer, which proves nothing. */
MUST_USE bool validate_manifest(const char *manifest_json, Destination *dest, Arena *arena,
                                Validation *out, Error *err);
/* A run of the state that is done. */
MUST_USE bool validate_run(State *state, const RunRow *run, const ExportConfig *export,
                           Destination *dest, Arena *arena, Validation *out, Error *err);

#endif
