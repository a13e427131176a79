/* The columns a cursor is made of, and the value stored for them. */
#include <jansson.h>

#include "pipeline/fingerprint.h"
#include "pipeline/window_builder.h"
#include "preflight/columns.h"
#include "util/log.h"

#define MODULE "rivet::window"

const char *
window_json_texts(const char *const *texts, size_t count, Arena *arena)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    char *text = json_dumps(list, JSON_COMPACT);
    const char *kept = arena_dup_string(arena, text);
    free(text);
    json_decref(list);
    return kept;
}

/* A JSON array of exactly count texts, or NULL. */
static const char *const *
parse_texts(const char *json, size_t count, Arena *arena)
{
    json_t *list = json_loads(json, 0, NULL);
    const char **texts = ARENA_ARRAY(arena, const char *, count);
    bool ok = json_is_array(list) && json_array_size(list) == count;

    for (size_t i = 0; ok && i < count; i++) {
        texts[i] = arena_dup_string(arena, json_string_value(json_array_get(list, i)));
        ok = texts[i] != NULL;
    }
    json_decref(list);
    return ok ? texts : NULL;
}

const CursorRow *
window_cursor_row(const RunRow *run, Arena *arena)
{
    CursorRow *row = ARENA_NEW(arena, CursorRow);

    if (run->cursor_after == NULL)
        return NULL;
    const char *const *one = parse_texts(run->cursor_after, 1, arena);
    const char *value = one == NULL ? run->cursor_after : one[0];
    *row = (CursorRow){
        .export_name = run->export_name,
        .value = strcmp(run->cursor_after, WINDOW_NULLS_ONLY) == 0 ? NULL : value,
        .columns = run->cursor_columns,
        .types = run->cursor_types,
        .source_id = run->source_id,
        .query_hash = run->query_hash,
    };
    return row;
}

/* ---- key columns ---- */

bool
window_find_key_columns(WindowBuilder *builder, Error *err)
{
    const Schema *schema = builder->plan->schema;
    TextList columns = builder->columns;
    const char **families = ARENA_ARRAY(builder->arena, const char *, columns.count);

    builder->keys = ARENA_ARRAY(builder->arena, const ColumnSchema *, columns.count);
    for (size_t i = 0; i < columns.count; i++) {
        size_t index = 0;
        if (!source_find_column(builder->source, schema, columns.items[i], &index, err))
            return false;
        builder->keys[i] = &schema->columns[index];
        families[i] = column_family(builder->keys[i]);
        assert(families[i] != NULL); /* columns_check */
    }
    builder->window->cursor_columns =
        window_json_texts(columns.items, columns.count, builder->arena);
    builder->window->cursor_types = window_json_texts(families, columns.count, builder->arena);
    return true;
}

/* ---- the stored cursor ---- */

static bool
differs(const char *stored, const char *now)
{
    return stored != NULL && strcmp(stored, now) != 0; /* rows of the original lack these facts */
}

static bool
check_stored_cursor(const WindowBuilder *builder, Error *err)
{
    const CursorRow *cursor = builder->request->cursor;
    const Window *window = builder->window;
    const struct {
        const char *what, *stored, *now;
    } facts[] = {
        {"cursor_column", cursor->columns, window->cursor_columns},
        {"cursor type", cursor->types, window->cursor_types},
        {"source", cursor->source_id, builder->source->identity},
    };
    char query_hash[FINGERPRINT_BYTES];

    for (size_t i = 0; i < ARRAY_LENGTH(facts); i++) {
        if (!differs(facts[i].stored, facts[i].now))
            continue;
        err->hint = "start over with 'rivet state reset', or change the configuration back";
        return error_set(err, ERR_CONFIG,
                         "the stored cursor belongs to another %s: stored %s, configured %s",
                         facts[i].what, facts[i].stored, facts[i].now);
    }
    fingerprint_query(builder->request->query, query_hash);
    if (differs(cursor->query_hash, query_hash))
        log_warn(MODULE, "export '%s': the query text changed since the cursor was stored",
                 builder->request->export->name);
    return true;
}

/* The stored cursor becomes the lower bound. */
bool
window_set_lower_bound(WindowBuilder *builder, Error *err)
{
    const CursorRow *cursor = builder->request->cursor;
    size_t count = builder->columns.count;

    if (cursor == NULL)
        return true;
    if (!check_stored_cursor(builder, err))
        return false;
    if (cursor->value == NULL)
        return true;
    const char **bare = ARENA_ARRAY(builder->arena, const char *, 1);
    bare[0] = cursor->value;
    const char *const *texts =
        count == 1 ? bare : parse_texts(cursor->value, count, builder->arena);
    if (texts == NULL) {
        err->hint = "start over with 'rivet state reset'";
        return error_set(err, ERR_STATE, "the stored cursor is not a list of %zu values", count);
    }
    builder->window->range.lower_kind = BOUND_EXCLUSIVE;
    builder->window->range.lower = texts;
    builder->window->cursor_before = window_json_texts(texts, count, builder->arena);
    return true;
}
