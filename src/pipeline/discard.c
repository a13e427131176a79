#include "pipeline/discard.h"

#include "util/fault.h"

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
        UploadRef ref = discard_upload_ref(&parts[i]);
        ok = destination_abort(dest, &ref, err);
        FAULT_POINT("discard.aborted");
        ok = ok && state_part_delete(state, run_id, parts[i].unit, parts[i].part_index, err);
        FAULT_POINT("discard.deleted");
        if (!ok)
            error_add_context(err, "discarding file=%s", parts[i].key);
    }
    arena_release(&arena);
    return ok;
}
