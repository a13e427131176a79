/* What the workers of a chunked run have done on the main thread: chunks given out and taken back.
 */
#include "pipeline/chunk_run.h"
#include "pipeline/journal.h"
#include "pipeline/plan_store.h"
#include "util/fault.h"
#include "util/interrupt.h"
#include "util/log.h"

#define MODULE "rivet::chunk"

/* ---- giving out ---- */

static void
claim_plain(ChunkRun *chunks, size_t *index, bool *found)
{
    *found = chunks->returned_count > 0 || chunks->next_chunk < chunks->plan.count;
    if (chunks->returned_count > 0)
        *index = chunks->returned[--chunks->returned_count];
    else if (*found)
        *index = chunks->next_chunk++;
}

static bool
claim(ExportRun *run, size_t *index, bool *found, Error *err)
{
    ChunkRun *chunks = run->chunks;
    ChunkTaskRow task = {0};
    Arena arena = {0};

    if (!chunks->is_checkpointed) {
        claim_plain(chunks, index, found);
        return true;
    }
    bool ok = state_chunk_claim(run->context->state, run->name.run_id, &arena, &task, found, err);
    arena_release(&arena);
    if (ok && *found && (uint64_t)task.chunk_index >= chunks->plan.count)
        ok = error_set(err, ERR_STATE, "chunk %" PRId64 " is not in the plan", task.chunk_index);
    *index = (size_t)task.chunk_index;
    return ok;
}

static void
say_started(const ExportRun *run, size_t index)
{
    const ChunkRun *chunks = run->chunks;
    Arena arena = {0};
    const char *bounds = plan_store_describe(&chunks->plan.chunks[index], &arena);

    if (chunks->is_checkpointed)
        log_info(MODULE, "export '%s': checkpoint chunk %zu: %s", run->export->name, index, bounds);
    else if (chunks->worker_count == 1)
        log_info(MODULE, "export '%s': chunk %zu/%zu: %s", run->export->name, index + 1,
                 chunks->plan.count, bounds);
    arena_release(&arena);
}

bool
chunk_next(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    ChunkRun *chunks = run->chunks;
    WorkerAssignment *next = argument;
    size_t index = 0;

    if (chunks->is_stopping || interrupt_signal() != 0 || chunks->done_count == chunks->plan.count)
        return true;
    if (!claim(run, &index, &next->has_job, err))
        return false;
    if (!next->has_job) {
        /* A snapshot lives in its connection: as long as others read, one of them may have to come
         * back to it, or to leave its chunk to somebody who has it. */
        next->must_wait = chunks->needs_snapshot && chunks->active_count > 0;
        return true;
    }
    FAULT_POINT("chunk.claimed");
    chunks->active_count++;
    say_started(run, index);
    next->job = (UnitJob){
        .unit = (int64_t)index, .chunk = (int64_t)index, .range = chunks->plan.chunks[index]};
    return true;
}

/* ---- before the first row ---- */

static bool
is_same_column(const ColumnSchema *a, const ColumnSchema *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->source_type, b->source_type) == 0 &&
           type_equal(&a->type, &b->type);
}

/* All files of a run have one shape: a table that is altered meanwhile ends it. */
bool
chunk_ready(void *subject, void *argument, Error *err)
{
    const ChunkRun *chunks = ((ExportRun *)subject)->chunks;
    const Schema *now = ((UnitReady *)argument)->plan->schema;
    const Schema *first = chunks->query->schema;
    bool is_same = now->column_count == first->column_count;

    for (size_t i = 0; is_same && i < first->column_count; i++)
        is_same = is_same_column(&first->columns[i], &now->columns[i]);
    return is_same || error_set(err, ERR_QUERY, "the columns of the query changed during the run");
}

/* ---- taking back ---- */

static void
say_done(const ExportRun *run, const UnitJob *job, const UnitResult *result)
{
    const ChunkRun *chunks = run->chunks;
    bool counts_done = chunks->worker_count > 1 && !chunks->is_checkpointed;

    log_info(MODULE, "export '%s': chunk %" PRIu64 "/%zu: %" PRIu64 " rows", run->export->name,
             counts_done ? (uint64_t)chunks->done_count : (uint64_t)job->chunk + 1,
             chunks->plan.count, result->row_count);
}

/* One after another, so that the checks of all chunks take the memory of two. */
static bool
gather_quality(ChunkRun *chunks, UnitResult *result, Error *err)
{
    if (result->quality == NULL)
        return true;
    if (chunks->quality == NULL) {
        chunks->quality = result->quality;
        result->quality = NULL;
        return true;
    }
    bool ok = quality_merge(chunks->quality, result->quality, err);
    quality_free(result->quality);
    result->quality = NULL;
    return ok;
}

static bool
take_success(ExportRun *run, WorkerCompletion *done, Error *err)
{
    ChunkRun *chunks = run->chunks;

    chunks->done_count++;
    progress_add_chunk(run->context->progress);
    say_done(run, done->job, done->result);
    if (chunks->is_checkpointed)
        return true;
    if (!gather_quality(chunks, done->result, err))
        return false;
    chunks->results[done->job->unit] = *done->result;
    *done->result = (UnitResult){0};
    return true;
}

/* Chunks that may still come right do not end a checkpointed run: the next claim, or --resume,
 * takes them again. */
static bool
ends_run(const ChunkRun *chunks, const WorkerCompletion *done)
{
    return !chunks->is_checkpointed || done->is_past_intent || chunks->reader_count == 0 ||
           interrupt_signal() != 0 || done->cause->code == ERR_DRIFT ||
           done->cause->code == ERR_STATE;
}

static bool
put_back(ExportRun *run, const WorkerCompletion *done, bool is_at_fault, Error *err)
{
    State *state = run->context->state;
    char message[sizeof(done->cause->message) + sizeof(done->cause->context)];

    if (!run->chunks->is_checkpointed || done->is_past_intent)
        return true;
    if (!is_at_fault || interrupt_signal() != 0 || done->cause->code == ERR_INTERRUPTED)
        return state_chunk_release(state, run->name.run_id, done->job->chunk, err);
    error_format(done->cause, message, sizeof(message));
    return state_chunk_fail(state, run->name.run_id, done->job->chunk, message, err);
}

/* A worker lost its connection and with it the run's snapshot; the chunk is not at fault. As long
 * as others have the snapshot, they read on. */
static bool
take_loss(ExportRun *run, const WorkerCompletion *done, Error *err)
{
    ChunkRun *chunks = run->chunks;

    log_warn(MODULE, "export '%s': chunk %" PRId64 " goes to another worker, %zu are left: %s",
             run->export->name, done->job->chunk, chunks->reader_count, done->cause->message);
    run->result->retry_count++;
    if (!chunks->is_checkpointed)
        chunks->returned[chunks->returned_count++] = (size_t)done->job->chunk;
    return put_back(run, done, false, err);
}

static bool
take_failure(ExportRun *run, const WorkerCompletion *done, Error *err)
{
    ChunkRun *chunks = run->chunks;
    bool is_lost = done->ends_worker && error_is_retryable(done->cause);

    chunks->reader_count -= done->ends_worker;
    if (is_lost && chunks->reader_count > 0 && !chunks->is_stopping)
        return take_loss(run, done, err);
    if (done->cause->code != ERR_INTERRUPTED)
        log_error(MODULE, "export '%s': chunk %" PRId64 ": %s", run->export->name, done->job->chunk,
                  done->cause->message);
    if (chunks->failure.code == ERR_NONE || chunks->failure.code == ERR_INTERRUPTED) {
        chunks->failure = *done->cause;
        error_add_context(&chunks->failure, "chunk %" PRId64, done->job->chunk);
    }
    if (ends_run(chunks, done) && !chunks->is_stopping) {
        chunks->is_stopping = true;
        /* What the others read would be thrown away; a checkpointed chunk is worth its while. */
        if (!chunks->is_checkpointed)
            crew_cancel(&chunks->crew);
    }
    return put_back(run, done, !is_lost, err);
}

bool
chunk_done(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    WorkerCompletion *done = argument;

    run->chunks->active_count--;
    run->result->retry_count += done->retry_count;
    if (done->cause != NULL)
        return take_failure(run, done, err);
    return take_success(run, done, err);
}
