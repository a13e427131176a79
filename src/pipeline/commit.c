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

bool
commit_unit(const CommitUnit *unit, bool *is_past_intent, Error *err)
{
    const UnitRecord *record = &unit->record;
    bool all_published = false;

    *is_past_intent = false;
    FAULT_POINT("commit.before");
    if (!state_unit_intend(unit->state, record->run_id, record->unit, record->owner,
                           unit->cursor_after, record->manifest_json, err))
        return false;
    *is_past_intent = true;
    FAULT_POINT("commit.intended");
    if (!commit_publish(unit->destination, unit->refs, unit->ref_count, &all_published, err))
        return false;
    if (!all_published)
        return error_set(err, ERR_IO, "a sealed part disappeared before it was published");
    FAULT_POINT("commit.published");
    if (!state_unit_record(unit->state, record, err))
        return false;
    FAULT_POINT("commit.recorded");
    return record->manifest_json == NULL ||
           commit_manifest(unit->state, unit->destination, record->run_id, unit->manifest_key,
                           record->manifest_json, err);
}
