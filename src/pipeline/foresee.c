#include "pipeline/foresee.h"

#include "pipeline/chunk_run.h"
#include "pipeline/drift.h"
#include "pipeline/recover.h"

static bool
is_resumed(const ExportRun *run)
{
    return run->chunks != NULL && run->chunks->is_resumed;
}

static bool
bind_source(ExportRun *run, CheckForesight *ask, Error *err)
{
    if (!is_resumed(run))
        return true;
    if (run->export->resume != RESUME_AUTO)
        ask->note = arena_format(ask->arena,
                                 "chunk run '%s' is in progress: continue it with --resume, or "
                                 "give it up with 'rivet state reset-chunks'",
                                 run->name.run_id);
    memcpy(run->chunks->facts.source_identity, ask->source->identity,
           sizeof(run->chunks->facts.source_identity));
    return chunk_bind_source(run, err);
}

static bool
check_cursor(ExportRun *run, CheckForesight *ask, Error *err)
{
    const WindowRequest request = {
        .export = ask->export,
        .query = ask->query,
        .cursor = &run->cursor,
    };

    if (run->export->mode != MODE_INCREMENTAL)
        return true;
    if (!state_cursor_get(run->context->state, run->export->name, &run->arena, &run->cursor,
                          &run->has_cursor, err))
        return false;
    return !run->has_cursor ||
           window_check_cursor(&request, ask->source, ask->plan, &run->arena, err);
}

static bool
check_steps(ExportRun *run, CheckForesight *ask, Error *err)
{
    State *state = run->context->state;

    return chunk_find_open(run, err) && recover_check_place(state, run->export, err) &&
           destination_identify(&run->export->destination, run->destination, err) &&
           chunk_check_open(run, err) && bind_source(run, ask, err) &&
           recover_check_export(state, run->export, run->destination, err) &&
           (!is_resumed(run) || chunk_check_stored(run, err)) && check_cursor(run, ask, err) &&
           drift_check(state, run->export, ask->plan->schema, &run->result->schema, err);
}

bool
foresee_run(void *state, CheckForesight *ask, Error *err)
{
    const RunContext context = {.state = state, .resumes = true};
    ExportResult result = {.export = ask->export};
    Destination place;
    ExportRun run = {
        .context = &context,
        .export = ask->export,
        .query = ask->query,
        .destination = &place,
        .result = &result,
    };

    bool ok = check_steps(&run, ask, err);
    chunk_run_release(&run);
    arena_release(&run.arena);
    return ok;
}
