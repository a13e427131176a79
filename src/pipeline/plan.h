/* plan.h: how a table is cut into chunks.
 *
 * Kinds    range: windows of an integer key, dense enough: ge … le.
 *          walk: boundaries every chunk_size rows along any key that has an order: gt … le; ties
 *          stay in one chunk; the first chunk is ge the lowest key, the last le the highest.
 *          dense_rn: row numbers computed by the server (chunk_dense).
 *          ctid: pages of a table without a usable key; means something in one snapshot only.
 *          Rows with a NULL in the key get a chunk of their own, at the end.
 * Cost     bounds and boundaries come from the key's index, the number of rows from the planner's
 *          estimate: no COUNT(*), no scan. dense_rn counts, as it must.
 * Result   at least one chunk; together they hold every row between the bounds there were when the
 *          plan was made, each once.
 * Errors   ERR_CONFIG: a key without order, or none at all, with chunk_column as the way out.
 * Source   spec: extraction §4, behaviour §7 */
#ifndef RIVET_PIPELINE_PLAN_H
#define RIVET_PIPELINE_PLAN_H

#include "config/config.h"
#include "source/source.h"

typedef enum ChunkKind { CHUNK_RANGE, CHUNK_WALK, CHUNK_DENSE, CHUNK_CTID } ChunkKind;

typedef struct ChunkPlan {
    ChunkKind kind;
    TextList columns; /* of the key; none with ctid */
    ReadRange *chunks;
    size_t count;
    const char *const *lowest; /* one text per column; NULL: an empty table, or not asked */
    const char *const *highest;
    OptionalInt row_estimate;
    bool is_sparse;      /* an integer key too sparse for windows */
    bool needs_snapshot; /* what a chunk holds is fixed within one snapshot only */
} ChunkPlan;

/* Texts in arena. The questions share a snapshot only if the source holds one. */
MUST_USE bool plan_chunks(const ExportConfig *export, Source *source, const ReadPlan *query,
                          Arena *arena, ChunkPlan *plan, Error *err);

/* "range", "walk", "dense_rn", "ctid": as the state stores it. */
const char *plan_kind_word(ChunkKind kind);
/* What the fingerprint hashes: "range", "dense_rn", "rows" (spec: behaviour §9). */
const char *plan_configured_kind(const ExportConfig *export);

#endif
