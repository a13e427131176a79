/* A, B, C and the way back: what turns several rows at once. */
#include "state/part.h"

#include "state/change.h"
#include "state/rows.h"

typedef struct UnitChange {
    const char *run_id;
    const char *export_name;
    const char *owner;
    int64_t first_unit;
    int64_t last_unit;
    const char *format;
    const char *compression;
    const char *cursor_after;
    const char *cursor_value;
    const CursorRow *cursor;
    const char *manifest_json;
    bool is_last_unit;
} UnitChange;

static const Field FIELDS[] = {
    FIELD(UnitChange, FIELD_NEEDED_TEXT, run_id), FIELD(UnitChange, FIELD_TEXT, export_name),
    FIELD(UnitChange, FIELD_TEXT, owner),         FIELD(UnitChange, FIELD_INT, first_unit),
    FIELD(UnitChange, FIELD_INT, last_unit),      FIELD(UnitChange, FIELD_TEXT, format),
    FIELD(UnitChange, FIELD_TEXT, compression),   FIELD(UnitChange, FIELD_TEXT, cursor_after),
    FIELD(UnitChange, FIELD_TEXT, cursor_value),  FIELD(UnitChange, FIELD_TEXT, manifest_json),
    FIELD(UnitChange, FIELD_BOOL, is_last_unit),
};
static const RowType UNIT = ROW_TYPE(UnitChange, FIELDS);

static UnitChange
units_of(const char *run_id, int64_t unit, const char *owner)
{
    bool is_all = unit == STATE_ALL_UNITS;

    return (UnitChange){
        .run_id = run_id,
        .owner = owner,
        .first_unit = is_all ? 0 : unit,
        .last_unit = is_all ? INT64_MAX : unit,
    };
}

/* A run that changed hands is recovered or resumed by someone else: whatever we still hold of it
 * must not be recorded. */
static bool
require_owner(State *state, const UnitChange *unit, Error *err)
{
    int64_t is_owned = 0;
    Query query = query_begin(state, SQL_RUN_IS_OWNED);

    query_bind_row(&query, &UNIT, unit);
    if (!query_number(&query, &is_owned, err))
        return false;
    if (is_owned != 0)
        return true;
    if (err->code == ERR_NONE)
        err->hint = "another process recovered or reset this run meanwhile; nothing more of it was "
                    "recorded here";
    return error_set(err, ERR_STATE,
                     "state database '%s': run %s no longer belongs to this process", state->path,
                     unit->run_id);
}

/* ---- A ---- */

static bool
apply_intend(State *state, const void *arguments, Error *err)
{
    return require_owner(state, arguments, err) &&
           change_require_none(state, SQL_UNIT_INTEND_BLOCKED, &UNIT, arguments,
                               "a part or chunk of the unit is not sealed", err) &&
           change_run(state, SQL_UNIT_INTEND_PARTS, &UNIT, arguments, err) &&
           change_run(state, SQL_UNIT_INTEND_TASKS, &UNIT, arguments, err) &&
           change_run(state, SQL_UNIT_INTEND_RUN, &UNIT, arguments, err);
}

bool
state_unit_intend(State *state, const char *run_id, int64_t unit, const char *owner,
                  const char *cursor_after, const char *manifest_json, Error *err)
{
    static const Change INTEND = {.name = "intend",
                                  .what = "what is to be published",
                                  .row = &UNIT,
                                  .apply = apply_intend,
                                  .applied = SQL_UNIT_INTEND_APPLIED};
    UnitChange change = units_of(run_id, unit, owner);

    change.cursor_after = cursor_after;
    change.manifest_json = manifest_json;
    return change_make(state, &INTEND, &change, NULL, err);
}

/* ---- B ---- */

static bool
finish_run(State *state, const UnitChange *unit, Error *err)
{
    return change_require_none(state, SQL_UNIT_RECORD_UNFINISHED, &UNIT, unit,
                               "the last unit leaves parts or chunks of its run behind", err) &&
           change_run(state, SQL_UNIT_RECORD_RUN, &UNIT, unit, err) &&
           change_run(state, SQL_UNIT_RECORD_PLAN, &UNIT, unit, err);
}

static bool
record_unit(State *state, const UnitChange *unit, Error *err)
{
    return change_require_none(state, SQL_UNIT_RECORD_BLOCKED, &UNIT, unit,
                               "a part or chunk of the unit was never meant to be published",
                               err) &&
           change_run(state, SQL_UNIT_RECORD_FILES, &UNIT, unit, err) &&
           change_run(state, SQL_UNIT_RECORD_TASKS, &UNIT, unit, err) &&
           change_run(state, SQL_UNIT_RECORD_PARTS, &UNIT, unit, err) &&
           (unit->cursor == NULL ||
            change_run(state, SQL_CURSOR_PUT, &CURSOR_ROW, unit->cursor, err)) &&
           (!unit->is_last_unit || finish_run(state, unit, err));
}

static bool
apply_record(State *state, const void *arguments, Error *err)
{
    const UnitChange *unit = arguments;
    int64_t is_done = 0;

    if (!require_owner(state, unit, err))
        return false;
    /* Said twice: a later run may have moved the cursor on since. */
    Query query = query_begin(state, SQL_RUN_IS_DONE);
    query_bind_row(&query, &UNIT, unit);
    if (!query_number(&query, &is_done, err))
        return false;
    return is_done != 0 || record_unit(state, unit, err);
}

bool
state_unit_record(State *state, const UnitRecord *record, Error *err)
{
    static const Change RECORD = {.name = "record",
                                  .what = "what was delivered",
                                  .row = &UNIT,
                                  .apply = apply_record,
                                  .applied = SQL_UNIT_RECORD_APPLIED};
    UnitChange change = units_of(record->run_id, record->unit, record->owner);

    change.export_name = record->export_name;
    change.format = record->format;
    change.compression = record->compression;
    change.cursor = record->cursor;
    change.cursor_value = record->cursor == NULL ? NULL : record->cursor->value;
    change.manifest_json = record->manifest_json;
    change.is_last_unit = record->is_last_unit;
    return change_make(state, &RECORD, &change, NULL, err);
}

/* ---- C ---- */

bool
state_manifest_published(State *state, const char *run_id, Error *err)
{
    static const Change PUBLISHED = {.name = "manifest",
                                     .what = "that the manifest is published",
                                     .row = &UNIT,
                                     .sql = SQL_MANIFEST_PUBLISHED,
                                     .applied = SQL_MANIFEST_PUBLISHED_APPLIED,
                                     .missing = "no manifest of the run was due"};
    const UnitChange change = {.run_id = run_id};

    return change_make(state, &PUBLISHED, &change, NULL, err);
}

/* ---- the way back ---- */

static bool
apply_reopen(State *state, const void *arguments, Error *err)
{
    return require_owner(state, arguments, err) &&
           change_run(state, SQL_UNIT_REOPEN_PARTS, &UNIT, arguments, err) &&
           change_run(state, SQL_UNIT_REOPEN_TASKS, &UNIT, arguments, err) &&
           change_run(state, SQL_UNIT_REOPEN_RUN, &UNIT, arguments, err);
}

bool
state_unit_reopen(State *state, const char *run_id, int64_t unit, const char *owner, Error *err)
{
    static const Change REOPEN = {.name = "reopen",
                                  .what = "that the files are undone",
                                  .row = &UNIT,
                                  .apply = apply_reopen,
                                  .applied = SQL_UNIT_REOPEN_APPLIED};
    const UnitChange change = units_of(run_id, unit, owner);

    return change_make(state, &REOPEN, &change, NULL, err);
}
