#include "state/history.h"

#include "state/change.h"
#include "state/rows.h"

static const Field FIELDS[] = {
    FIELD(CursorRow, FIELD_NEEDED_TEXT, export_name),
    FIELD(CursorRow, FIELD_TEXT, value),
    FIELD(CursorRow, FIELD_TEXT, run_at),
    FIELD(CursorRow, FIELD_TEXT, columns),
    FIELD(CursorRow, FIELD_TEXT, types),
    FIELD(CursorRow, FIELD_TEXT, source_id),
    FIELD(CursorRow, FIELD_TEXT, query_hash),
};
const RowType CURSOR_ROW = ROW_TYPE(CursorRow, FIELDS);

bool
state_cursor_get(State *state, const char *export_name, Arena *arena, CursorRow *row, bool *found,
                 Error *err)
{
    Query query = query_begin(state, SQL_CURSOR_LIST);

    query_bind_text(&query, ":export_name", export_name);
    return query_one(&query, &CURSOR_ROW, arena, row, found, err);
}

bool
state_cursor_list(State *state, Arena *arena, CursorRow **rows, size_t *count, Error *err)
{
    void *found = NULL;
    Query query = query_begin(state, SQL_CURSOR_LIST);

    bool ok = query_list(&query, &CURSOR_ROW, arena, &found, count, err);
    *rows = found;
    return ok;
}

#ifdef RIVET_FAULTS
bool
state_cursor_put(State *state, const CursorRow *row, Error *err)
{
    static const Change PUT = {
        .name = "cursor", .what = "the cursor", .row = &CURSOR_ROW, .sql = SQL_CURSOR_PUT};

    return change_make(state, &PUT, row, NULL, err);
}
#endif

bool
state_cursor_delete(State *state, const char *export_name, bool *found, Error *err)
{
    static const Change DELETE = {.name = "reset",
                                  .what = "the reset",
                                  .row = &CURSOR_ROW,
                                  .sql = SQL_CURSOR_DELETE,
                                  .applied = SQL_CURSOR_DELETE_APPLIED};
    const CursorRow cursor = {.export_name = export_name};
    int64_t deleted = 0;

    bool ok = change_make(state, &DELETE, &cursor, &deleted, err);
    *found = deleted > 0;
    return ok;
}
