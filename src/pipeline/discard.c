#include "pipeline/discard.h"

#include "util/fault.h"
#include "util/interrupt.h"
#include "util/log.h"

#define MODULE "rivet::discard"

UploadRef
discard_upload_ref(const PartRow *part)
{
    UploadRef ref = {
        .key = part->key,
        .tail = part->tail,
        .tail_bytes = part->tail_bytes,
        .size_bytes = part->bytes,
        .xxh3 = part->xxh3,
        .is_sealed = part->was_sealed, /* also after its unit was reopened */
    };

    snprintf(ref.nonce, sizeof(ref.nonce), "%s", part->nonce);
    if (part->upload_ref != NULL)
        snprintf(ref.reference, sizeof(ref.reference), "%s", part->upload_ref);
    if (part->store_check != NULL)
        snprintf(ref.store_check, sizeof(ref.store_check), "%s", part->store_check);
    return ref;
}

static bool
is_discardable(const PartRow *part, int64_t unit)
{
    return (unit == DISCARD_ALL_UNITS || part->unit == unit) &&
           (strcmp(part->status, "open") == 0 || strcmp(part->status, "sealed") == 0);
}

static bool
discard_part(State *state, Destination *dest, const PartRow *part, Error *err)
{
    UploadRef ref = discard_upload_ref(part);

    bool ok = destination_abort(dest, &ref, err);
    FAULT_POINT("discard.aborted");
    ok = ok && state_part_delete(state, part->run_id, part->unit, part->part_index, err);
    FAULT_POINT("discard.deleted");
    return ok;
}

bool
discard_parts(State *state, Destination *dest, const char *run_id, int64_t unit, Error *err)
{
    Arena arena = {0};
    PartRow *parts = NULL;
    size_t count = 0;
    bool ok = state_part_list(state, run_id, &arena, &parts, &count, err);

    for (size_t i = 0; ok && i < count; i++) {
        if (!is_discardable(&parts[i], unit))
            continue;
        ok = discard_part(state, dest, &parts[i], err);
        if (!ok)
            error_add_context(err, "discarding file=%s", parts[i].key);
    }
    arena_release(&arena);
    return ok;
}

bool
discard_or_name_parts(State *state, Destination *dest, const char *run_id, Error *err)
{
    Arena arena = {0};
    PartRow *parts = NULL;
    size_t count = 0;
    bool ok = state_part_list(state, run_id, &arena, &parts, &count, err);

    for (size_t i = 0; ok && i < count; i++) {
        Error cause = ERROR_INIT;
        if (!is_discardable(&parts[i], DISCARD_ALL_UNITS) ||
            discard_part(state, dest, &parts[i], &cause))
            continue;
        ok = interrupt_check(err);
        if (ok)
            log_warn(MODULE, "run '%s': file '%s' cannot be reached and is forgotten: %s", run_id,
                     parts[i].key, cause.message);
    }
    arena_release(&arena);
    return ok;
}
