#include "pipeline/plan_store.h"

#include <jansson.h>

#include "util/buffer.h"

/* ---- writing ---- */

static json_t *
texts_json(const char *const *texts, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static const char *
dump(json_t *value, Arena *arena)
{
    char *text = json_dumps(value, JSON_COMPACT);
    const char *kept = arena_dup_string(arena, text == NULL ? "{}" : text);

    free(text);
    json_decref(value);
    return kept;
}

static const char *
chunk_json(const ReadRange *chunk, Arena *arena)
{
    json_t *root = json_object();
    size_t count = chunk->column_count;

    if (chunk->lower_kind != BOUND_NONE)
        json_object_set_new(root, chunk->lower_kind == BOUND_EXCLUSIVE ? "gt" : "ge",
                            texts_json(chunk->lower, count));
    if (chunk->upper_kind != BOUND_NONE)
        json_object_set_new(root, chunk->upper_kind == BOUND_EXCLUSIVE ? "lt" : "le",
                            texts_json(chunk->upper, count));
    if (chunk->is_null)
        json_object_set_new(root, "null", json_true());
    if (chunk->first_row > 0)
        json_object_set_new(
            root, "rows",
            json_pack("[I, I]", (json_int_t)chunk->first_row, (json_int_t)chunk->last_row));
    if (chunk->is_pages)
        json_object_set_new(
            root, "pages",
            json_pack("[I, I]", (json_int_t)chunk->first_page, (json_int_t)chunk->end_page));
    return dump(root, arena);
}

const char *
plan_store_bounds(const ChunkPlan *plan, Arena *arena)
{
    json_t *root = json_object();
    size_t count = plan->columns.count;

    json_object_set_new(root, "columns", texts_json(plan->columns.items, count));
    if (plan->lowest != NULL) {
        json_object_set_new(root, "ge", texts_json(plan->lowest, count));
        json_object_set_new(root, "le", texts_json(plan->highest, count));
    }
    return dump(root, arena);
}

/* One end of a chunk by its key. */
static const char *
key_text(const ReadRange *chunk, BoundKind kind, const char *const *texts, Arena *arena)
{
    Buffer joined = {0};

    if (chunk->is_null)
        return "NULL";
    if (kind == BOUND_NONE)
        return "-";
    for (size_t i = 0; i < chunk->column_count; i++) {
        buffer_append_text(&joined, i == 0 ? "" : ",");
        buffer_append_text(&joined, texts[i]);
    }
    const char *text = arena_dup_string(arena, buffer_text(&joined));
    buffer_release(&joined);
    return text;
}

static const char *
start_text(const ReadRange *chunk, Arena *arena)
{
    if (chunk->is_pages)
        return arena_format(arena, "%" PRIu64, chunk->first_page);
    if (chunk->first_row > 0)
        return arena_format(arena, "%" PRIu64, chunk->first_row);
    return key_text(chunk, chunk->lower_kind, chunk->lower, arena);
}

static const char *
stop_text(const ReadRange *chunk, Arena *arena)
{
    bool is_numbered = chunk->is_pages || chunk->first_row > 0;
    uint64_t last = chunk->is_pages ? chunk->end_page : chunk->last_row;

    if (is_numbered)
        return last == 0 ? "-" : arena_format(arena, "%" PRIu64, last);
    return key_text(chunk, chunk->upper_kind, chunk->upper, arena);
}

ChunkTaskRow *
plan_store_rows(const ChunkPlan *plan, Arena *arena)
{
    ChunkTaskRow *rows = ARENA_ARRAY(arena, ChunkTaskRow, plan->count);

    for (size_t i = 0; i < plan->count; i++)
        rows[i] = (ChunkTaskRow){
            .chunk_index = (int64_t)i,
            .start_key = start_text(&plan->chunks[i], arena),
            .end_key = stop_text(&plan->chunks[i], arena),
            .bounds = chunk_json(&plan->chunks[i], arena),
        };
    return rows;
}

const char *
plan_store_describe(const ReadRange *chunk, Arena *arena)
{
    const char *unit = chunk->is_pages ? "pages " : chunk->first_row > 0 ? "rows " : "";
    const char *after = chunk->lower_kind == BOUND_EXCLUSIVE ? "> " : "";

    if (chunk->is_null)
        return "NULL";
    return arena_format(arena, "%s%s%s .. %s", unit, after, start_text(chunk, arena),
                        stop_text(chunk, arena));
}

/* ---- reading ---- */

static bool
malformed(Error *err)
{
    err->hint = "`rivet state reset-chunks` removes the plan; its files stay";
    return error_set(err, ERR_STATE, "a stored chunk plan is not what rivet writes");
}

/* A list of `count` texts. */
static bool
load_texts(const json_t *list, size_t count, Arena *arena, const char *const **out)
{
    if (!json_is_array(list) || json_array_size(list) != count)
        return false;
    const char **texts = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL)
            return false;
        texts[i] = arena_dup_string(arena, text);
    }
    *out = texts;
    return true;
}

static bool
load_numbers(const json_t *list, uint64_t *first, uint64_t *last)
{
    const json_t *from = json_array_get(list, 0);
    const json_t *to = json_array_get(list, 1);

    if (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) < 0 ||
        json_integer_value(to) < 0)
        return false;
    *first = (uint64_t)json_integer_value(from);
    *last = (uint64_t)json_integer_value(to);
    return true;
}

static bool
load_field(const char *name, const json_t *value, Arena *arena, ReadRange *chunk)
{
    static const struct {
        const char *name;
        bool is_lower;
        BoundKind kind;
    } BOUNDS[] = {{"ge", true, BOUND_INCLUSIVE},
                  {"gt", true, BOUND_EXCLUSIVE},
                  {"le", false, BOUND_INCLUSIVE},
                  {"lt", false, BOUND_EXCLUSIVE}};

    for (size_t i = 0; i < ARRAY_LENGTH(BOUNDS); i++) {
        if (strcmp(name, BOUNDS[i].name) != 0)
            continue;
        *(BOUNDS[i].is_lower ? &chunk->lower_kind : &chunk->upper_kind) = BOUNDS[i].kind;
        return load_texts(value, chunk->column_count, arena,
                          BOUNDS[i].is_lower ? &chunk->lower : &chunk->upper);
    }
    if (strcmp(name, "null") == 0) {
        chunk->is_null = json_is_true(value);
        return chunk->is_null;
    }
    if (strcmp(name, "rows") == 0)
        return load_numbers(value, &chunk->first_row, &chunk->last_row) && chunk->first_row > 0;
    if (strcmp(name, "pages") == 0) {
        chunk->is_pages = true;
        return load_numbers(value, &chunk->first_page, &chunk->end_page);
    }
    return false;
}

static bool
load_chunk(const char *text, Arena *arena, ReadRange *chunk)
{
    json_t *root = text == NULL ? NULL : json_loads(text, 0, NULL);
    const char *name;
    json_t *value;
    bool ok = json_is_object(root);

    if (ok && json_object_size(root) == 0)
        *chunk = (ReadRange){0}; /* everything: no key is looked at */
    json_object_foreach(root, name, value)
    {
        ok = ok && load_field(name, value, arena, chunk);
    }
    json_decref(root);
    return ok;
}

static bool
load_columns(const char *bounds, Arena *arena, TextList *columns)
{
    json_t *root = bounds == NULL ? NULL : json_loads(bounds, 0, NULL);
    json_t *list = json_object_get(root, "columns");
    const char *const *items = NULL;

    columns->count = json_array_size(list);
    bool ok = load_texts(list, columns->count, arena, &items);
    columns->items = items;
    json_decref(root);
    return ok;
}

static bool
load_kind(const char *word, ChunkKind *kind)
{
    for (ChunkKind each = CHUNK_RANGE; each <= CHUNK_CTID; each++) {
        if (word != NULL && strcmp(word, plan_kind_word(each)) == 0) {
            *kind = each;
            return true;
        }
    }
    return false;
}

bool
plan_store_load(const StoredPlan *stored, Arena *arena, ChunkPlan *plan, Error *err)
{
    *plan = (ChunkPlan){.count = stored->count};
    if (!load_kind(stored->kind, &plan->kind) ||
        !load_columns(stored->bounds, arena, &plan->columns))
        return malformed(err);
    plan->chunks = ARENA_ARRAY(arena, ReadRange, plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        plan->chunks[i].columns = plan->columns.items;
        plan->chunks[i].column_count = plan->columns.count;
        if (stored->rows[i].chunk_index != (int64_t)i ||
            !load_chunk(stored->rows[i].bounds, arena, &plan->chunks[i]))
            return malformed(err);
    }
    return true;
}
