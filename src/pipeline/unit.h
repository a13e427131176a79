/* unit.h: what becomes visible together, from the query to its sealed parts.
 *
 * unit_export walks the whole way of the data for one unit on the calling worker's thread:
 * source → batch → meta columns → format → sink → upload, and seals every part. Nothing is visible
 * when it returns; commit.h goes on from there.
 * Owner    a UnitResult owns its parts and texts: unit_result_release.
 * Errors   whatever failed first. The parts begun so far stay recorded in the state as open or
 *          sealed; recover.h undoes them.
 * Source   spec: delivery §1 and §2, steps 1 to 4 */
#ifndef RIVET_PIPELINE_UNIT_H
#define RIVET_PIPELINE_UNIT_H

#include "destination/destination.h"
#include "format/format.h"
#include "pipeline/exchange.h"
#include "pipeline/naming.h"
#include "pipeline/quality.h"
#include "pipeline/window.h"

/* How one worker shares out its part of max_memory_mb. Source: spec extraction §6, parquet §3.2 */
typedef struct Budget {
    size_t batch_bytes;
    size_t writer_bytes;
    size_t cell_bytes;
    size_t unique_bytes; /* of the uniqueness checks; 0 without any */
} Budget;

/* What all units of a run share. Read only. */
typedef struct UnitContext {
    const ExportConfig *export;
    const RunName *run;
    const char *query;
    Destination *destination;
    Exchange *exchange;
    /* Called before the first row is read, so that the run is on record by then. Argument:
     * UnitReady *. */
    ExchangeFunction unit_ready;
    const CursorRow *cursor; /* incremental: what is stored, NULL for nothing */
    Budget budget;
    struct CompressPool *compress_pool; /* of the process */
    bool validates;
    bool reconciles; /* count the source's rows in the snapshot of the read */
    /* Chunked: a worker's connection holds one snapshot, the one of this id or, NULL, its own. */
    bool holds_snapshot;
    const char *snapshot_id;
    bool needs_snapshot;             /* another one will not do */
    struct ChunkRun *chunks;         /* chunked: the plan and how far it is (chunk_run.h) */
    struct ExportProgress *progress; /* NULL: nobody watches (progress.h) */
} UnitContext;

typedef struct UnitReady {
    const Source *source;
    const ReadPlan *plan;
    const Window *window;
} UnitReady;

typedef struct UnitJob {
    int64_t unit;  /* from 0 */
    int64_t chunk; /* index in file names, or NAMING_NONE */
    ReadRange range;
} UnitJob;

typedef struct SealedPart {
    int64_t index;
    UploadRef ref;
    uint64_t row_count;
} SealedPart;

typedef struct UnitResult {
    Arena arena;
    int64_t unit;
    ReadPlan *plan;
    Window window;
    const Schema *schema; /* of the files: the plan's columns and the meta columns */
    SealedPart *parts;
    size_t part_count;
    size_t part_capacity;
    uint64_t row_count;
    uint64_t byte_count;
    Quality *quality; /* NULL without checks */
    bool has_source_count;
    uint64_t source_count;      /* the source's own COUNT(*) of the same rows */
    bool lacks_common_snapshot; /* rows and count may differ by what was written in between */
    PolicyCounts policy_counts;
    char source_identity[512];
    char server_version[128];
    bool is_validated;
    bool is_read;      /* to its end, also when sealing failed: the source is as before the unit */
    bool has_streamed; /* bytes reached a reader: what was read cannot be read again */
} UnitResult;

MUST_USE bool unit_export(const UnitContext *context, Source *source, const UnitJob *job,
                          UnitResult *result, Error *err);
void unit_result_release(UnitResult *result);

#endif
