#include "preflight/init.h"

#include <ctype.h>
#include <strings.h>

#include "preflight/advice.h"

enum {
    SMALL_ROWS = 100000,     /* read whole: a cursor would save nothing */
    CHUNK_ROWS = 100000,     /* the default of chunk_size */
    NAME_BYTES = 80,         /* spec: config §10 */
    GUESSED_ROW_BYTES = 100, /* of a table without statistics */
};

/* What columns are called that hold the time of the last change. */
static const char *const CHANGE_NAMES[] = {
    "updated_at", "modified_at", "changed_at", "last_modified", "last_updated",
    "updated_on", "modified_on", "updated",    "modified",      "changed",
};

static bool
names_a_change(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(CHANGE_NAMES); i++)
        if (strcasecmp(CHANGE_NAMES[i], name) == 0)
            return true;
    return false;
}

static const char *
find_cursor(const TableFacts *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const TableColumn *column = &table->columns[i];
        if (column->is_moment && column->is_not_null && column->is_indexed &&
            names_a_change(column->name))
            return column->name;
    }
    return NULL;
}

static const char *
find_key(const TableFacts *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].is_key && table->columns[i].is_integer)
            return table->columns[i].name;
    return NULL;
}

static int64_t
estimate_rows(const TableFacts *table)
{
    return table->row_estimate.is_set ? table->row_estimate.value
                                      : table->size_bytes.value / GUESSED_ROW_BYTES;
}

/* What check would recommend for the export; it decides parallelism and profile here. */
static Advice
advice_for(const InitChoice *choice, int64_t rows, Arena *arena)
{
    const AdviceFacts facts = {
        .mode = choice->mode,
        .rows = rows,
        .uses_index = choice->column != NULL,
        .cursor_column = choice->mode == MODE_INCREMENTAL ? choice->column : NULL,
        .chunk_column = choice->column,
        .parallel = 1,
        .chunk_size = CHUNK_ROWS,
    };
    Advice advice;

    advise(&facts, arena, &advice);
    return advice;
}

InitChoice
init_choose(const TableFacts *table, DestinationKind place, Arena *arena)
{
    InitChoice choice = {.mode = MODE_FULL, .parallel = 1};
    int64_t rows = estimate_rows(table);
    const char *cursor = find_cursor(table);
    const char *key = find_key(table);

    if (place == DESTINATION_STDOUT) {
        choice.reason = "whole, since standard output takes one stream";
    } else if (rows <= SMALL_ROWS) {
        choice.reason = "small: read whole each time";
    } else if (cursor != NULL) {
        choice.mode = MODE_INCREMENTAL;
        choice.column = cursor;
        choice.reason =
            arena_format(arena, "only what changed: '%s' is indexed and never NULL", cursor);
    } else if (key != NULL) {
        choice.mode = MODE_CHUNKED;
        choice.column = key;
        choice.reason = arena_format(
            arena, "in chunks along the primary key '%s'; no indexed time of change to follow",
            key);
    } else {
        choice.reason = "large, and neither an indexed time of change nor an integer primary key "
                        "to read it in pieces";
    }
    Advice advice = advice_for(&choice, rows, arena);
    choice.profile = advice.profile;
    choice.parallel = choice.mode == MODE_CHUNKED ? advice.parallel : 1;
    return choice;
}

const char *
init_export_name(const TableFacts *table, Arena *arena)
{
    bool is_usual = table->schema == NULL || strcmp(table->schema, "public") == 0;
    char *name = arena_format(arena, "%s%s%.*s", is_usual ? "" : table->schema, is_usual ? "" : ".",
                              NAME_BYTES, table->name);

    for (char *at = name; *at != '\0'; at++) {
        bool is_allowed = isalnum((unsigned char)*at) || (at != name && strchr("_.-", *at) != NULL);
        if (!is_allowed)
            *at = at == name ? 't' : '_';
    }
    if (strlen(name) > NAME_BYTES)
        name[NAME_BYTES] = '\0';
    return name;
}

/* ---- the file ---- */

/* In quotes YAML and the expansion of ${…} leave a scalar alone; the caller has dropped names with
 * ${. */
static void
append_line(const char *field, const char *text, Buffer *out)
{
    buffer_append_format(out, "    %s: ", field);
    buffer_append_quoted(out, text, "'");
    buffer_append_byte(out, '\n');
}

static void
append_place(const DestinationConfig *place, Buffer *out)
{
    const struct {
        const char *field, *text;
    } fields[] = {
        {"  path", place->path}, {"  bucket", place->bucket}, {"  prefix", place->prefix}};

    buffer_append_format(out, "    format: %s\n    destination:\n      type: %s\n",
                         place->kind == DESTINATION_STDOUT ? "csv" : "parquet",
                         destination_kind_word(place->kind));
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        if (fields[i].text != NULL)
            append_line(fields[i].field, fields[i].text, out);
}

static void
append_mode(const InitChoice *choice, Buffer *out)
{
    buffer_append_format(out, "    mode: %s\n", export_mode_word(choice->mode));
    if (choice->mode == MODE_INCREMENTAL)
        append_line("cursor_column", choice->column, out);
    if (choice->mode != MODE_CHUNKED)
        return;
    append_line("chunk_column", choice->column, out);
    buffer_append_format(out, "    chunk_size: %d\n    chunk_checkpoint: true\n", CHUNK_ROWS);
    if (choice->parallel > 1)
        buffer_append_format(out, "    parallel: %" PRId64 "\n", choice->parallel);
}

static void
append_size(const TableFacts *table, Buffer *out)
{
    if (table->row_estimate.is_set)
        buffer_append_format(out, "~%" PRId64 " rows", table->row_estimate.value);
    else
        buffer_append_text(out, "never analysed");
    if (table->size_bytes.is_set)
        buffer_append_format(out, ", %.1f MB", (double)table->size_bytes.value / (1024 * 1024));
}

static bool
has_line_break_or_placeholder(const char *text)
{
    return strpbrk(text, "\r\n") != NULL || strstr(text, "${") != NULL;
}

static bool
can_be_written(const TableFacts *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (has_line_break_or_placeholder(table->columns[i].name))
            return false;
    return !has_line_break_or_placeholder(table->query);
}

/* Two tables may come to one name: the later ones get a number. */
static const char *
unique_name(const InitRequest *request, size_t index, Arena *arena)
{
    const char *name = init_export_name(&request->tables[index], arena);
    int number = 1;

    for (size_t i = 0; i < index; i++)
        if (strcmp(init_export_name(&request->tables[i], arena), name) == 0)
            number++;
    return number == 1 ? name : arena_format(arena, "%.*s-%d", NAME_BYTES - 8, name, number);
}

static void
append_export(const InitRequest *request, size_t index, Arena *arena, Buffer *out)
{
    const TableFacts *table = &request->tables[index];
    InitChoice choice = init_choose(table, request->place.kind, arena);

    buffer_append_text(out, "\n  # ");
    append_size(table, out);
    buffer_append_format(out, ". %s.\n  - name: %s\n", choice.reason,
                         unique_name(request, index, arena));
    append_line("query", table->query, out);
    append_mode(&choice, out);
    buffer_append_format(out, "    tuning: { profile: %s }\n", profile_word(choice.profile));
    append_place(&request->place, out);
}

void
init_write_yaml(const InitRequest *request, Buffer *out)
{
    Arena arena = {0};

    buffer_append_format(out,
                         "# Written by rivet init from the catalogue of the database.\n"
                         "# rivet check tells what a run would do, rivet doctor whether all can be "
                         "reached.\n"
                         "source:\n  type: %s\n  url_env: %s\n\nexports:\n",
                         source_kind_word(request->kind), request->url_env);
    for (size_t i = 0; i < request->count; i++) {
        if (can_be_written(&request->tables[i]))
            append_export(request, i, &arena, out);
        else
            buffer_append_text(out,
                               "\n  # A table was left out: its names hold a line break or ${.\n");
    }
    arena_release(&arena);
}
