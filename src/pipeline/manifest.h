/* manifest.h: what a finished run says about itself, in a file beside its parts.
 *
 * Source  spec: delivery §5 */
#ifndef RIVET_PIPELINE_MANIFEST_H
#define RIVET_PIPELINE_MANIFEST_H

#include "pipeline/naming.h"
#include "pipeline/unit.h"
#include "state/state.h"

typedef struct ManifestFacts {
    const ExportConfig *export;
    const RunName *run;
    const UnitResult *unit; /* schema, server version */
    const char *query_hash;
    const char *cursor_before; /* JSON arrays, or NULL */
    const char *cursor_after;
    const char *bounds;
    const char *note; /* chunked: how many snapshots the rows come from; NULL: nothing to say */
} ManifestFacts;

/* Key below the destination: _rivet/<export>/<run_id>_<random digits of the stamp>.json */
const char *manifest_key(const char *export_name, const char *run_id, const char *stamp,
                         Arena *arena);

/* The JSON text; the caller frees it. */
char *manifest_json(const ManifestFacts *facts);

/* The same of a run whose parts are not all there yet, kept in the run row until they are: whoever
 * finishes the run, perhaps another process, completes it from the part rows. unit: schema and
 * source only. The caller frees both texts. */
char *manifest_head(const ManifestFacts *facts);
/* NULL when there are no parts: then there is no manifest either. */
char *manifest_complete(const char *head, const PartRow *parts, size_t count);

#endif
