#include "state/query.h"

#include "util/clock.h"

enum { FIRST_LIST_CAPACITY = 16 };

static void
keep_status(Query *query, int status)
{
    if (query->status == SQLITE_OK)
        query->status = status;
}

Query
query_begin(State *state, SqlId id)
{
    Query query = {.state = state, .id = id};
    char now[CLOCK_TEXT_BYTES];

    query.status = connection_statement(state, id, &query.statement);
    int now_index = sqlite3_bind_parameter_index(query.statement, ":now");
    if (query.status == SQLITE_OK && now_index > 0) {
        clock_format_rfc3339(clock_now_us(), now);
        keep_status(&query,
                    sqlite3_bind_text(query.statement, now_index, now, -1, SQLITE_TRANSIENT));
    }
    return query;
}

/* ---- binding ---- */

static const Field *
find_field(const RowType *type, const char *name)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return &type->fields[i];
    return NULL;
}

static int
bind_signed(sqlite3_stmt *statement, int index, int64_t value, bool is_null)
{
    return is_null ? sqlite3_bind_null(statement, index)
                   : sqlite3_bind_int64(statement, index, value);
}

static int
bind_hex(sqlite3_stmt *statement, int index, uint64_t value)
{
    char text[17];

    snprintf(text, sizeof(text), "%016" PRIx64, value);
    return sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

/* The caller's texts outlive the query, so SQLite need not copy them. */
static int
bind_field(sqlite3_stmt *statement, int index, const Field *field, const void *row)
{
    const void *at = (const char *)row + field->offset;

    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_NEEDED_TEXT:
        return sqlite3_bind_text(statement, index, *(const char *const *)at, -1, SQLITE_STATIC);
    case FIELD_INT:
        return sqlite3_bind_int64(statement, index, *(const int64_t *)at);
    case FIELD_OPTIONAL_INT:
        return bind_signed(statement, index, *(const int64_t *)at, *(const int64_t *)at < 0);
    case FIELD_FLAG:
        return bind_signed(statement, index, *(const int *)at, *(const int *)at < 0);
    case FIELD_BOOL:
        return sqlite3_bind_int64(statement, index, *(const bool *)at);
    case FIELD_COUNT:
        if (*(const uint64_t *)at > INT64_MAX)
            return SQLITE_RANGE;
        return sqlite3_bind_int64(statement, index, (int64_t) * (const uint64_t *)at);
    case FIELD_HEX:
        return bind_hex(statement, index, *(const uint64_t *)at);
    case FIELD_BYTES: {
        size_t size_bytes = *(const size_t *)(const void *)((const char *)row + field->size_offset);
        return sqlite3_bind_blob64(statement, index, *(const void *const *)at, size_bytes,
                                   SQLITE_STATIC);
    }
    }
    return SQLITE_INTERNAL;
}

void
query_bind_row(Query *query, const RowType *type, const void *row)
{
    int count = sqlite3_bind_parameter_count(query->statement);

    for (int index = 1; index <= count && query->status == SQLITE_OK; index++) {
        const char *name = sqlite3_bind_parameter_name(query->statement, index);
        const Field *field = name == NULL ? NULL : find_field(type, name + 1);
        if (field != NULL)
            keep_status(query, bind_field(query->statement, index, field, row));
    }
}

void
query_bind_text(Query *query, const char *name, const char *text)
{
    int index = sqlite3_bind_parameter_index(query->statement, name);

    if (query->status == SQLITE_OK)
        keep_status(query, sqlite3_bind_text(query->statement, index, text, -1, SQLITE_STATIC));
}

void
query_bind_int(Query *query, const char *name, int64_t value)
{
    int index = sqlite3_bind_parameter_index(query->statement, name);

    if (query->status == SQLITE_OK)
        keep_status(query, sqlite3_bind_int64(query->statement, index, value));
}

/* ---- reading ---- */

static bool
malformed(const Query *query, const char *column, const char *what, Error *err)
{
    if (err->code == ERR_NONE)
        err->hint = "the row was changed by hand or by another program; restore a backup, or "
                    "remove the row";
    return error_set(err, ERR_STATE, "state database '%s': column %s %s (in '%s')",
                     query->state->path, column, what, SQL_NAME[query->id]);
}

static bool
read_text(const Query *query, int index, const Field *field, Arena *arena, const char **out,
          Error *err)
{
    sqlite3_stmt *statement = query->statement;
    int type = sqlite3_column_type(statement, index);

    if (type == SQLITE_NULL) {
        *out = NULL;
        return field->kind == FIELD_TEXT || malformed(query, field->name, "is NULL", err);
    }
    if (type == SQLITE_BLOB)
        return malformed(query, field->name, "holds bytes instead of text", err);
    const char *text = (const char *)sqlite3_column_text(statement, index);
    size_t size_bytes = (size_t)sqlite3_column_bytes(statement, index);
    if (text == NULL || strlen(text) != size_bytes)
        return malformed(query, field->name, "holds a text with a NUL inside", err);
    *out = arena_dup_bytes(arena, text, size_bytes);
    return true;
}

static bool
read_int(const Query *query, int index, const Field *field, int64_t null_value, int64_t *out,
         Error *err)
{
    switch (sqlite3_column_type(query->statement, index)) {
    case SQLITE_NULL:
        *out = null_value;
        return true;
    case SQLITE_INTEGER:
        *out = sqlite3_column_int64(query->statement, index);
        return true;
    default:
        return malformed(query, field->name, "holds something other than an integer", err);
    }
}

static bool
read_hex(const Query *query, int index, const Field *field, Arena *arena, uint64_t *out, Error *err)
{
    const Field as_text = {field->name, FIELD_TEXT, 0, 0};
    const char *text = NULL;

    *out = 0;
    if (!read_text(query, index, &as_text, arena, &text, err))
        return false;
    if (text == NULL)
        return true;
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return malformed(query, field->name, "holds something other than 16 hex digits", err);
    *out = strtoull(text, NULL, 16);
    return true;
}

static bool
read_bytes(const Query *query, int index, const Field *field, Arena *arena, void *row, Error *err)
{
    size_t size_bytes = (size_t)sqlite3_column_bytes(query->statement, index);
    const void *bytes = sqlite3_column_blob(query->statement, index);
    const void **out = (const void **)((char *)row + field->offset);
    size_t *out_size = (size_t *)(void *)((char *)row + field->size_offset);

    if (bytes == NULL && size_bytes > 0)
        return state_fail(query->state, SQLITE_NOMEM, "reading", err);
    *out = bytes == NULL ? NULL : arena_dup_bytes(arena, bytes, size_bytes);
    *out_size = size_bytes;
    return true;
}

static bool
read_field(const Query *query, int index, const Field *field, Arena *arena, void *row, Error *err)
{
    void *at = (char *)row + field->offset;
    int64_t number = 0;

    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_NEEDED_TEXT:
        return read_text(query, index, field, arena, at, err);
    case FIELD_INT:
        return read_int(query, index, field, 0, at, err);
    case FIELD_OPTIONAL_INT:
        return read_int(query, index, field, -1, at, err);
    case FIELD_FLAG:
        if (!read_int(query, index, field, -1, &number, err))
            return false;
        *(int *)at = number < 0 ? -1 : number != 0;
        return true;
    case FIELD_BOOL:
        if (!read_int(query, index, field, 0, &number, err))
            return false;
        *(bool *)at = number != 0;
        return true;
    case FIELD_COUNT:
        if (!read_int(query, index, field, 0, &number, err))
            return false;
        *(uint64_t *)at = (uint64_t)number;
        return number >= 0 || malformed(query, field->name, "is negative", err);
    case FIELD_HEX:
        return read_hex(query, index, field, arena, at, err);
    case FIELD_BYTES:
        return read_bytes(query, index, field, arena, row, err);
    }
    return malformed(query, field->name, "has an unknown kind", err);
}

static bool
read_row(const Query *query, const RowType *type, Arena *arena, void *row, Error *err)
{
    int count = sqlite3_column_count(query->statement);

    memset(row, 0, type->size_bytes);
    for (int index = 0; index < count; index++) {
        const char *name = sqlite3_column_name(query->statement, index);
        const Field *field = name == NULL ? NULL : find_field(type, name);
        if (field != NULL && !read_field(query, index, field, arena, row, err))
            return false;
    }
    return true;
}

/* ---- running ---- */

static bool
step(Query *query, bool *has_row, Error *err)
{
    *has_row = false;
    if (query->status == SQLITE_OK)
        query->status = sqlite3_step(query->statement);
    if (query->status == SQLITE_ROW) {
        query->status = SQLITE_OK;
        *has_row = true;
        return true;
    }
    if (query->status == SQLITE_DONE)
        return true;
    return state_fail(query->state, query->status, NULL, err);
}

/* An unfinished statement would hold a snapshot, and so the WAL, for ever. */
static bool
finish(Query *query, bool ok)
{
    if (query->statement != NULL) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
    }
    query->statement = NULL;
    return ok;
}

bool
query_run(Query *query, int64_t *changed, Error *err)
{
    bool has_row = true;
    bool ok = true;

    while (ok && has_row)
        ok = step(query, &has_row, err);
    if (ok && changed != NULL)
        *changed = sqlite3_changes64(query->state->db);
    return finish(query, ok);
}

bool
query_number(Query *query, int64_t *number, Error *err)
{
    static const Field NUMBER = {"number", FIELD_INT, 0, 0};
    bool has_row = false;
    bool ok = step(query, &has_row, err);

    *number = 0;
    if (ok && has_row)
        ok = read_int(query, 0, &NUMBER, 0, number, err);
    return finish(query, ok);
}

bool
query_one(Query *query, const RowType *type, Arena *arena, void *row, bool *found, Error *err)
{
    bool ok = step(query, found, err);
    bool has_more = *found;

    if (ok && *found)
        ok = read_row(query, type, arena, row, err);
    /* A change with RETURNING is complete only when it was stepped to its end. */
    while (ok && has_more)
        ok = step(query, &has_more, err);
    return finish(query, ok);
}

bool
query_list(Query *query, const RowType *type, Arena *arena, void **rows, size_t *count, Error *err)
{
    size_t capacity = 0;
    bool has_row = false;
    bool ok;

    *rows = NULL;
    *count = 0;
    while ((ok = step(query, &has_row, err)) && has_row) {
        if (*count == capacity) {
            capacity = capacity == 0 ? FIRST_LIST_CAPACITY : capacity * 2;
            void *grown = arena_alloc(arena, capacity * type->size_bytes);
            if (*count > 0)
                memcpy(grown, *rows, *count * type->size_bytes);
            *rows = grown;
        }
        ok = read_row(query, type, arena, (char *)*rows + *count * type->size_bytes, err);
        if (!ok)
            break;
        ++*count;
    }
    return finish(query, ok);
}
