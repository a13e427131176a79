/* manifest.h: what a finished run says about itself, in a file beside its parts.
 *
 * Source  spec: delivery §5 */
#ifndef RIVET_PIPELINE_MANIFEST_H
#define RIVET_PIPELINE_MANIFEST_H

#include "pipeline/naming.h"
#include "pipeline/unit.h"

typedef struct ManifestFacts {
    const ExportConfig *export;
    const RunName *run;
    const UnitResult *unit; /* schema, server version */
    const char *query_hash;
    const char *cursor_before; /* JSON arrays, or NULL */
    const char *cursor_after;
    const char *bounds;
} ManifestFacts;

/* Key below the destination: _rivet/<export>/<run_id>_<random digits of the stamp>.json */
const char *manifest_key(const char *export_name, const char *run_id, const char *stamp,
                         Arena *arena);

/* The JSON text; the caller frees it. */
char *manifest_json(const ManifestFacts *facts);

#endif
