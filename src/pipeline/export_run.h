/* export_run.h: the main thread's side of one running export.
 *
 * Internal to pipeline/: export.c creates it, the functions a worker has run on the main thread
 * (exchange.h) get it as their subject. */
#ifndef RIVET_PIPELINE_EXPORT_RUN_H
#define RIVET_PIPELINE_EXPORT_RUN_H

#include "pipeline/result.h"
#include "pipeline/run.h"
#include "pipeline/unit.h"

typedef struct ExportRun {
    const RunContext *context;
    const ExportConfig *export;
    RunName name;
    const char *query;
    SourceAddress address;
    Destination *destination;
    ExportLock *lock;
    Exchange exchange;
    UnitContext units;
    UnitResult unit;  /* the whole run is one unit */
    CursorRow cursor; /* incremental, as stored after recovery */
    bool has_cursor;
    bool is_started;  /* the run row exists */
    bool is_finished; /* nothing is left to do: recovery brought the run to its end */
    bool has_assigned;
    struct ChunkRun *chunks; /* chunked only */
    const char *owner;
    ExportResult *result;
    Arena arena;
} ExportRun;

#endif
