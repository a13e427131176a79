#include "pipeline/commit.h"

#include "util/fault.h"

bool
commit_publish(Destination *dest, const UploadRef *refs, size_t count, bool *all_published,
               Error *err)
{
    *all_published = true;
    for (size_t i = 0; i < count; i++) {
        PublishResult result = PUBLISH_GONE;
        if (!destination_publish(dest, &refs[i], &result, err))
            return error_add_context(err, "publishing file=%s", refs[i].key);
        if (result == PUBLISH_TAKEN) {
            err->hint = "move the foreign file away and run the same command again";
            return error_set(err, ERR_IO, "'%s' exists and is not ours; nothing was overwritten",
                             refs[i].key);
        }
        if (result == PUBLISH_GONE)
            *all_published = false;
        FAULT_POINT("commit.part.published");
    }
    return destination_sync(dest, err);
}

bool
commit_manifest(State *state, Destination *dest, const char *run_id, const char *manifest_key,
                const char *manifest_json, Error *err)
{
    if (!dest->driver->put(dest, manifest_key, manifest_json, strlen(manifest_json), err))
        return error_add_context(err, "publishing manifest=%s", manifest_key);
    FAULT_POINT("commit.manifest.published");
    return state_manifest_published(state, run_id, err);
}

/* ---- the steps of a unit ---- */

static bool
intend(const CommitUnit *unit, bool *is_past_intent, Error *err)
{
    const UnitRecord *record = &unit->record;

    *is_past_intent =
        unit->exchange != NULL
            ? exchange_call(unit->exchange, unit->intend, unit->argument, err)
            : state_unit_intend(unit->state, record->run_id, record->unit, record->owner,
                                unit->cursor_after, record->manifest_json, err);
    FAULT_POINT("commit.intended");
    return *is_past_intent;
}

static bool
publish(const CommitUnit *unit, bool *is_past_intent, Error *err)
{
    bool all_published = false;

    (void)is_past_intent;
    if (!commit_publish(unit->destination, unit->refs, unit->ref_count, &all_published, err))
        return false;
    FAULT_POINT("commit.published");
    return all_published ||
           error_set(err, ERR_IO, "a sealed part disappeared before it was published");
}

static bool
record(const CommitUnit *unit, bool *is_past_intent, Error *err)
{
    bool ok = unit->exchange != NULL
                  ? exchange_call(unit->exchange, unit->record_unit, unit->argument, err)
                  : state_unit_record(unit->state, &unit->record, err);

    (void)is_past_intent;
    FAULT_POINT("commit.recorded");
    return ok;
}

static bool
publish_manifest(const CommitUnit *unit, bool *is_past_intent, Error *err)
{
    const UnitRecord *record = &unit->record;

    (void)is_past_intent;
    return record->manifest_json == NULL ||
           commit_manifest(unit->state, unit->destination, record->run_id, unit->manifest_key,
                           record->manifest_json, err);
}

#ifdef RIVET_FAULTS
/* Wrong: the cursor moves before B. */
static bool
move_cursor_and_intend(const CommitUnit *unit, bool *is_past_intent, Error *err)
{
    const CursorRow *cursor = unit->record.cursor;

    return (cursor == NULL || state_cursor_put(unit->state, cursor, err)) &&
           intend(unit, is_past_intent, err);
}
#endif

typedef bool (*CommitStep)(const CommitUnit *unit, bool *is_past_intent, Error *err);

enum { STEP_COUNT = 4 };

/* This order is the promise. */
static const CommitStep ORDER[STEP_COUNT] = {intend, publish, record, publish_manifest};

static const CommitStep *
step_order(void)
{
#ifdef RIVET_FAULTS
    /* The tests of delivery must notice these. */
    static const CommitStep LATE_INTENT[STEP_COUNT] = {publish, intend, record, publish_manifest};
    static const CommitStep EARLY_RECORD[STEP_COUNT] = {intend, record, publish, publish_manifest};
    static const CommitStep EARLY_CURSOR[STEP_COUNT] = {move_cursor_and_intend, publish, record,
                                                        publish_manifest};

    if (fault_breaks("late_intent"))
        return LATE_INTENT;
    if (fault_breaks("early_record"))
        return EARLY_RECORD;
    if (fault_breaks("early_cursor"))
        return EARLY_CURSOR;
#endif
    return ORDER;
}

bool
commit_unit(const CommitUnit *unit, bool *is_past_intent, Error *err)
{
    const CommitStep *steps = step_order();

    *is_past_intent = false;
    FAULT_POINT("commit.before");
    for (size_t i = 0; i < STEP_COUNT; i++)
        if (!steps[i](unit, is_past_intent, err))
            return false;
    return true;
}
