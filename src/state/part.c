#include "state/part.h"

#include "state/change.h"
#include "state/rows.h"

static const Field FIELDS[] = {
    FIELD(PartRow, FIELD_NEEDED_TEXT, run_id),
    FIELD(PartRow, FIELD_INT, unit),
    FIELD(PartRow, FIELD_INT, part_index),
    FIELD(PartRow, FIELD_NEEDED_TEXT, key),
    FIELD(PartRow, FIELD_NEEDED_TEXT, nonce),
    FIELD(PartRow, FIELD_TEXT, upload_ref),
    FIELD(PartRow, FIELD_NEEDED_TEXT, status),
    FIELD(PartRow, FIELD_COUNT, rows),
    FIELD(PartRow, FIELD_COUNT, bytes),
    FIELD(PartRow, FIELD_HEX, xxh3),
    FIELD(PartRow, FIELD_TEXT, store_check),
    {"tail", FIELD_BYTES, offsetof(PartRow, tail), offsetof(PartRow, tail_bytes)},
    FIELD(PartRow, FIELD_BOOL, was_sealed),
};
const RowType PART_ROW = ROW_TYPE(PartRow, FIELDS);

bool
state_part_open(State *state, const PartRow *part, Error *err)
{
    static const Change OPEN = {.name = "part",
                                .what = "a new part",
                                .row = &PART_ROW,
                                .sql = SQL_PART_OPEN,
                                .applied = SQL_PART_OPEN_APPLIED};

    return change_make(state, &OPEN, part, NULL, err);
}

bool
state_part_set_reference(State *state, const PartRow *part, Error *err)
{
    static const Change REFERENCE = {.name = "reference",
                                     .what = "the upload of a part",
                                     .row = &PART_ROW,
                                     .sql = SQL_PART_SET_REFERENCE,
                                     .applied = SQL_PART_SET_REFERENCE_APPLIED,
                                     .missing = "the part is not open"};

    return change_make(state, &REFERENCE, part, NULL, err);
}

bool
state_part_seal(State *state, const PartRow *part, Error *err)
{
    static const Change SEAL = {.name = "seal",
                                .what = "a finished part",
                                .row = &PART_ROW,
                                .sql = SQL_PART_SEAL,
                                .applied = SQL_PART_SEAL_APPLIED,
                                .missing = "the part to seal is not open"};

    return change_make(state, &SEAL, part, NULL, err);
}

static bool
apply_delete(State *state, const void *part, Error *err)
{
    return change_require_none(state, SQL_PART_DELETE_BLOCKED, &PART_ROW, part,
                               "a visible part cannot be taken back", err) &&
           change_run(state, SQL_PART_DELETE, &PART_ROW, part, err);
}

bool
state_part_delete(State *state, const char *run_id, int64_t unit, int64_t part_index, Error *err)
{
    static const Change DELETE = {.name = "discard",
                                  .what = "that a part is gone",
                                  .row = &PART_ROW,
                                  .apply = apply_delete,
                                  .applied = SQL_PART_DELETE_APPLIED};
    const PartRow part = {.run_id = run_id, .unit = unit, .part_index = part_index};

    return change_make(state, &DELETE, &part, NULL, err);
}

bool
state_part_list_status(State *state, const char *run_id, const char *status, Arena *arena,
                       PartRow **rows, size_t *count, Error *err)
{
    void *found = NULL;
    Query query = query_begin(state, SQL_PART_LIST);

    query_bind_text(&query, ":run_id", run_id);
    query_bind_text(&query, ":status", status);
    bool ok = query_list(&query, &PART_ROW, arena, &found, count, err);
    *rows = found;
    return ok;
}

bool
state_part_list(State *state, const char *run_id, Arena *arena, PartRow **rows, size_t *count,
                Error *err)
{
    return state_part_list_status(state, run_id, NULL, arena, rows, count, err);
}
