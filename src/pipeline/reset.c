#include "pipeline/reset.h"

#include <sys/stat.h>

#include "config/config.h"
#include "pipeline/discard.h"
#include "pipeline/journal.h"
#include "util/log.h"

#define MODULE "rivet::reset"

static const char LOCAL_PREFIX[] = "file://";

/* A directory that was exchanged is another place. Never creates it. config outlives the
 * destination. */
static bool
reach_directory(const RunRow *run, DestinationConfig *config, Destination **out, Error *err)
{
    struct stat about;
    const char *path = run->destination_id + strlen(LOCAL_PREFIX);

    if (stat(path, &about) != 0 || (int64_t)about.st_ino != run->destination_inode)
        return error_set(err, ERR_UNAVAILABLE, "the directory is gone or another one");
    *config = (DestinationConfig){.kind = DESTINATION_LOCAL, .path = path};
    return destination_connect(config, out, err);
}

static bool
reach_store(const RunRow *run, const DestinationConfig *place, Destination **out, Error *err)
{
    if (place == NULL || place->kind == DESTINATION_LOCAL || place->kind == DESTINATION_STDOUT)
        return error_set(err, ERR_UNAVAILABLE, "the configuration names no such store");
    if (!destination_connect(place, out, err))
        return false;
    return strcmp((*out)->identity, run->destination_id) == 0 ||
           error_set(err, ERR_UNAVAILABLE, "the configuration now says '%s'", (*out)->identity);
}

/* The place a run wrote to, if it can still be reached. */
static bool
reach_destination(const RunRow *run, const DestinationConfig *place, DestinationConfig *config,
                  Destination **out, Error *err)
{
    if (run->destination_id == NULL)
        return error_set(err, ERR_UNSUPPORTED, "it is not known");
    return strncmp(run->destination_id, LOCAL_PREFIX, strlen(LOCAL_PREFIX)) == 0
               ? reach_directory(run, config, out, err)
               : reach_store(run, place, out, err);
}

static bool
reopen_intents(State *state, const RunRow *run, const char *owner, Arena *arena, Error *err)
{
    PartRow *parts = NULL;
    size_t count = 0;

    if (!state_part_list_status(state, run->run_id, "intent", arena, &parts, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0 || parts[i].unit != parts[i - 1].unit;
        if (is_first && !state_unit_reopen(state, run->run_id, parts[i].unit, owner, err))
            return false;
    }
    return true;
}

/* Undo what can be reached; name the rest, which is forgotten. */
static bool
discard_reachable(State *state, const RunRow *run, const DestinationConfig *place, Error *err)
{
    DestinationConfig config;
    Destination *dest = NULL;
    Error reach_err = ERROR_INIT;
    bool ok = true;

    if (reach_destination(run, place, &config, &dest, &reach_err))
        ok = discard_or_name_parts(state, dest, run->run_id, err);
    else
        log_warn(MODULE, "run '%s': parts in '%s' cannot be reached and are forgotten: %s",
                 run->run_id, run->destination_id == NULL ? "" : run->destination_id,
                 reach_err.message);
    destination_free(dest);
    return ok;
}

static bool
give_up_run(State *state, const RunRow *run, const DestinationConfig *place, const char *command,
            Arena *arena, Error *err)
{
    const char *owner = state_owner_self(arena);

    if (!state_run_take(state, run->run_id, owner, err) ||
        !reopen_intents(state, run, owner, arena, err) ||
        !discard_reachable(state, run, place, err))
        return false;
    journal_add(state, run->run_id, "given_up", "%s", command);
    return state_run_forget(state, run->run_id, err);
}

static bool
give_up_runs(State *state, const char *export_name, const DestinationConfig *place, bool *found,
             Error *err)
{
    Arena arena = {0};
    RunRow *runs = NULL;
    size_t count = 0;
    ChunkRunRow plan = {0};
    bool has_plan = false;

    bool ok = state_chunk_find_open(state, export_name, &arena, &plan, &has_plan, err) &&
              state_run_list_unfinished(state, export_name, &arena, &runs, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        if (has_plan && strcmp(runs[i].run_id, plan.run_id) == 0)
            continue;
        ok = give_up_run(state, &runs[i], place, "state reset", &arena, err);
        *found = true;
    }
    arena_release(&arena);
    return ok;
}

bool
reset_export(State *state, const char *export_name, const DestinationConfig *place, bool *found,
             Error *err)
{
    ExportLock *lock = NULL;
    bool has_cursor = false;

    *found = false;
    bool ok = state_lock(state, export_name, &lock, err) &&
              give_up_runs(state, export_name, place, found, err) &&
              state_cursor_delete(state, export_name, &has_cursor, err);
    *found = *found || has_cursor;
    state_unlock(lock);
    return ok;
}

/* ---- chunk runs ---- */

static bool
list_visible(State *state, const RunRow *run, Arena *arena, ChunkReset *reset, Error *err)
{
    PartRow *parts = NULL;
    size_t count = 0;

    if (!state_part_list_status(state, run->run_id, "visible", arena, &parts, &count, err))
        return false;
    LeftFile *files = ARENA_ARRAY(arena, LeftFile, reset->file_count + count + 1);
    if (reset->file_count > 0)
        memcpy(files, reset->files, reset->file_count * sizeof(*files));
    for (size_t i = 0; i < count; i++)
        files[reset->file_count++] =
            (LeftFile){.destination = run->destination_id, .key = parts[i].key};
    reset->files = files;
    return true;
}

/* Its run may be missing: the plan then was made by the original. */
static bool
give_up_plan(State *state, const ChunkRunRow *plan, const DestinationConfig *place, Arena *arena,
             ChunkReset *reset, Error *err)
{
    RunRow run = {0};
    bool found = false;

    if (!state_run_get(state, plan->run_id, arena, &run, &found, err))
        return false;
    if (!found || strcmp(run.status, "done") == 0)
        return true;
    return give_up_run(state, &run, place, "state reset-chunks", arena, err) &&
           list_visible(state, &run, arena, reset, err);
}

bool
reset_chunks(State *state, const char *export_name, const DestinationConfig *place, Arena *arena,
             ChunkReset *reset, Error *err)
{
    ExportLock *lock = NULL;
    ChunkRunRow *plans = NULL;
    size_t count = 0;

    *reset = (ChunkReset){0};
    bool ok = state_lock(state, export_name, &lock, err) &&
              state_chunk_run_list(state, export_name, arena, &plans, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = give_up_plan(state, &plans[i], place, arena, reset, err);
    ok = ok && state_chunk_reset(state, export_name, &reset->run_count, err);
    state_unlock(lock);
    return ok;
}
