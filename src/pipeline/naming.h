/* naming.h: the names of runs and files.
 *
 * Source  spec: behaviour §12, delivery §4, cli §5.2. One stamp serves all parts and chunks of a
 *         run; its random digits keep two runs of one second apart. */
#ifndef RIVET_PIPELINE_NAMING_H
#define RIVET_PIPELINE_NAMING_H

#include "config/config.h"

typedef struct RunName {
    const char *run_id; /* <export>_20260102T030405.678 */
    const char *stamp;  /* 20260102_030405_a1b2c3 */
    int64_t started_us;
} RunName;

/* A fresh name for a run that starts now; texts in arena. */
RunName naming_start_run(const char *export_name, Arena *arena);

enum { NAMING_NONE = -1 };

/* File name of one part. chunk, part: NAMING_NONE where the name has no such piece. Text in
 * arena. A file_name template replaces "<export>_<stamp>" (config §10). */
const char *naming_part(const ExportConfig *export, const RunName *run, int64_t chunk, int64_t part,
                        const char *extension, Arena *arena);

#endif
