/* progress.h: how far a running export is, for whoever watches it.
 *
 * Numbers alone, each an atomic of its own: the export adds to them once per batch, the watcher
 * (cli/progress.h) reads them when it likes, maybe from another process that shares the memory.
 * Nobody watches: the pointer is NULL, which every function here takes.
 * Threads  any. The numbers are for eyes: what is recorded comes from ExportResult. */
#ifndef RIVET_PIPELINE_PROGRESS_H
#define RIVET_PIPELINE_PROGRESS_H

#include <stdatomic.h>

#include "util/base.h"

typedef enum ProgressPhase {
    PROGRESS_WAITING,    /* its turn has not come */
    PROGRESS_CONNECTING, /* and planning */
    PROGRESS_READING,
    PROGRESS_DELIVERING,
    PROGRESS_DONE,
    PROGRESS_FAILED,
} ProgressPhase;

typedef struct ExportProgress {
    atomic_bool wants_estimate; /* set by the watcher before the start: ask the planner */
    atomic_int phase;
    atomic_uint_fast64_t rows;
    atomic_uint_fast64_t bytes;        /* of the files, as far as they are written */
    atomic_uint_fast64_t row_estimate; /* 0: not known */
    atomic_uint_fast64_t chunk_count;  /* 0: not in chunks */
    atomic_uint_fast64_t chunks_done;
    atomic_uint_fast64_t chunks_before; /* of these, by earlier processes */
} ExportProgress;

/* Shared between processes, so no lock may hide in them. */
static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "atomics need locks");

static inline void
progress_set_phase(ExportProgress *progress, ProgressPhase phase)
{
    if (progress != NULL)
        atomic_store_explicit(&progress->phase, (int)phase, memory_order_relaxed);
}

/* What a failed attempt had added is taken back by adding its negative. */
static inline void
progress_add(ExportProgress *progress, uint64_t rows, uint64_t bytes)
{
    if (progress == NULL)
        return;
    atomic_fetch_add_explicit(&progress->rows, rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&progress->bytes, bytes, memory_order_relaxed);
}

static inline bool
progress_wants_estimate(const ExportProgress *progress)
{
    return progress != NULL &&
           atomic_load_explicit(&progress->wants_estimate, memory_order_relaxed);
}

static inline void
progress_set_estimate(ExportProgress *progress, uint64_t rows)
{
    if (progress != NULL)
        atomic_store_explicit(&progress->row_estimate, rows, memory_order_relaxed);
}

static inline void
progress_set_chunks(ExportProgress *progress, uint64_t count, uint64_t done_before)
{
    if (progress == NULL)
        return;
    atomic_store_explicit(&progress->chunks_before, done_before, memory_order_relaxed);
    atomic_store_explicit(&progress->chunks_done, done_before, memory_order_relaxed);
    atomic_store_explicit(&progress->chunk_count, count, memory_order_relaxed);
}

static inline void
progress_add_chunk(ExportProgress *progress)
{
    if (progress != NULL)
        atomic_fetch_add_explicit(&progress->chunks_done, 1, memory_order_relaxed);
}

#endif
