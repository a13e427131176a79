#include "pipeline/drift.h"

#include <jansson.h>

#include "util/buffer.h"
#include "util/log.h"

#define MODULE "rivet::drift"

typedef struct Changes {
    Buffer added;
    Buffer removed;
    Buffer retyped; /* one line per column, kept apart by '\n' */
} Changes;

static json_t *
columns_json(const Schema *schema)
{
    json_t *list = json_array();

    for (size_t i = 0; i < schema->column_count; i++) {
        char type[TYPE_NAME_BYTES];
        type_name(&schema->columns[i].type, type);
        json_array_append_new(list,
                              json_pack("{ss ss}", "name", schema->columns[i].name, "type", type));
    }
    return list;
}

static json_t *
source_types_json(const Schema *schema)
{
    json_t *object = json_object();

    for (size_t i = 0; i < schema->column_count; i++)
        json_object_set_new(object, schema->columns[i].name,
                            json_string(schema->columns[i].source_type));
    return object;
}

static void
append_item(Buffer *list, const char *name, const char *type)
{
    if (list->size > 0)
        buffer_append_text(list, ", ");
    buffer_append_text(list, name);
    if (type != NULL)
        buffer_append_format(list, " (%s)", type);
}

static void
compare(const Schema *schema, json_t *before, Changes *changes)
{
    const char *name = NULL;
    json_t *type = NULL;

    for (size_t i = 0; i < schema->column_count; i++) {
        const ColumnSchema *column = &schema->columns[i];
        const char *old = json_string_value(json_object_get(before, column->name));
        if (old == NULL)
            append_item(&changes->added, column->name, column->source_type);
        else if (strcmp(old, column->source_type) != 0)
            buffer_append_format(&changes->retyped, "%stype changed: %s (%s -> %s)",
                                 changes->retyped.size > 0 ? "\n" : "", column->name, old,
                                 column->source_type);
    }
    json_object_foreach(before, name, type)
    {
        if (schema_find(schema, name) == schema->column_count)
            append_item(&changes->removed, name, NULL);
    }
}

static void
report(const ExportConfig *export, Changes *changes)
{
    log_warn(MODULE, "export '%s': schema changed", export->name);
    if (changes->added.size > 0)
        log_warn(MODULE, "export '%s': added columns: %s", export->name,
                 buffer_text(&changes->added));
    if (changes->removed.size > 0)
        log_warn(MODULE, "export '%s': removed columns: %s", export->name,
                 buffer_text(&changes->removed));
    if (changes->retyped.size == 0)
        return;
    char *rest = buffer_text(&changes->retyped);
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
        log_warn(MODULE, "export '%s': %s", export->name, line);
}

static bool
refuse(Changes *changes, Error *err)
{
    Buffer what = {0};

    if (changes->added.size > 0)
        buffer_append_format(&what, "added %s", buffer_text(&changes->added));
    if (changes->removed.size > 0)
        buffer_append_format(&what, " removed %s", buffer_text(&changes->removed));
    if (changes->retyped.size > 0)
        buffer_append_text(&what, " types changed");
    err->hint = "change the query back, or accept the new shape with on_schema_drift: warn";
    error_set(err, ERR_DRIFT, "the schema changed and on_schema_drift is 'fail': %s",
              buffer_text(&what));
    buffer_release(&what);
    return false;
}

static bool
apply_policy(const ExportConfig *export, Changes *changes, SchemaStatus *status, Error *err)
{
    if (changes->added.size + changes->removed.size + changes->retyped.size == 0) {
        *status = SCHEMA_UNCHANGED;
        return true;
    }
    *status = SCHEMA_CHANGED;
    if (export->on_schema_drift != DRIFT_CONTINUE)
        report(export, changes);
    return export->on_schema_drift != DRIFT_FAIL || refuse(changes, err);
}

bool
drift_check(State *state, const ExportConfig *export, const Schema *schema, SchemaStatus *status,
            Error *err)
{
    Arena arena = {0};
    SchemaRow row = {0};
    bool found = false;
    Changes changes = {0};
    json_t *before = NULL;

    bool ok = state_schema_get(state, export->name, &arena, &row, &found, err);
    if (ok && !found) {
        *status = SCHEMA_NEW;
    } else if (ok) {
        if (row.source_types_json != NULL)
            before = json_loads(row.source_types_json, 0, NULL);
        if (json_is_object(before))
            compare(schema, before, &changes);
        ok = apply_policy(export, &changes, status, err);
    }
    json_decref(before);
    buffer_release(&changes.added);
    buffer_release(&changes.removed);
    buffer_release(&changes.retyped);
    arena_release(&arena);
    return ok;
}

bool
drift_store(State *state, const char *export_name, const Schema *schema, Error *err)
{
    json_t *columns = columns_json(schema);
    json_t *types = source_types_json(schema);
    char *columns_text = json_dumps(columns, JSON_COMPACT);
    char *types_text = json_dumps(types, JSON_COMPACT);
    SchemaRow row = {.columns_json = columns_text, .source_types_json = types_text};

    bool ok = state_schema_put(state, export_name, &row, err);
    free(columns_text);
    free(types_text);
    json_decref(columns);
    json_decref(types);
    return ok;
}
