#include "source/mysql/decode.h"
#include "source/mysql/mysql_source.h"
#include "util/memory.h"

bool
my_prepare(MySource *my, const char *sql, MYSQL_STMT **out, Error *err)
{
    *out = NULL;
    if (!my_check_cancelled(my, err))
        return false;
    MYSQL_STMT *stmt = mysql_stmt_init(my->conn);
    if (stmt == NULL)
        return error_set(err, ERR_INTERNAL, "out of memory");
    my->is_running = true;
    if (mysql_stmt_prepare(stmt, sql, strlen(sql)) != 0) {
        my_error_statement(my, stmt, err);
        mysql_stmt_close(stmt);
        return false;
    }
    my->is_running = false;
    *out = stmt;
    return true;
}

static void *
unqualified(const void *pointer)
{
    return (void *)(uintptr_t)pointer; /* the library's structs do not know const */
}

static MYSQL_BIND
bind_of(const MyParam *param)
{
    MYSQL_BIND bind = {.buffer_type = param->type, .is_unsigned = param->is_unsigned};

    if (param->is_text) {
        bind.buffer = unqualified(param->bytes);
        bind.buffer_length = param->size_bytes;
        bind.length = unqualified(&param->size_bytes);
    } else if (param->type == MYSQL_TYPE_LONGLONG) {
        bind.buffer = unqualified(&param->integer);
    } else if (param->type == MYSQL_TYPE_DOUBLE) {
        bind.buffer = unqualified(&param->real);
    } else {
        bind.buffer = unqualified(&param->moment);
    }
    return bind;
}

static_assert(sizeof(size_t) == sizeof(unsigned long), "MYSQL_BIND.length points to a size_t");

static size_t
count_params(const MyParams *const *lists, size_t list_count)
{
    size_t count = 0;

    for (size_t i = 0; i < list_count; i++)
        count += lists[i]->count;
    return count;
}

bool
my_execute(MySource *my, MYSQL_STMT *stmt, const MyParams *const *lists, size_t list_count,
           Error *err)
{
    size_t count = count_params(lists, list_count);
    MYSQL_BIND *binds = memory_alloc_zero(count + 1, sizeof(*binds));
    size_t at = 0;

    for (size_t i = 0; i < list_count; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            binds[at++] = bind_of(&lists[i]->items[j]);
    bool ok = my_check_cancelled(my, err);
    if (ok && mysql_stmt_param_count(stmt) != count)
        ok = error_set(err, ERR_INTERNAL, "a statement has other parameters than it should");
    my->is_running = ok;
    if (ok &&
        ((count > 0 && mysql_stmt_bind_param(stmt, binds) != 0) || mysql_stmt_execute(stmt) != 0))
        ok = my_error_statement(my, stmt, err);
    free(binds);
    return ok;
}

bool
my_fetch(MySource *my, MYSQL_STMT *stmt, bool *has_row, Error *err)
{
    int result = mysql_stmt_fetch(stmt);

    *has_row = result == 0;
    if (LIKELY(result == 0))
        return true;
#ifdef MYSQL_DATA_MALFORMED /* older releases of Connector/C 3.3 do not tell */
    if (result == MYSQL_DATA_MALFORMED)
        return my_wire_broken(NULL, err);
#endif
    /* After a failure the library answers every further fetch with "no data". */
    if (result != MYSQL_NO_DATA || mysql_stmt_errno(stmt) != 0 || mysql_errno(my->conn) != 0)
        return my_error_statement(my, stmt, err);
    my->is_running = false;
    return true;
}

static bool
is_same_type(const MyField *field, const MYSQL_FIELD *now)
{
    bool is_unsigned = (now->flags & UNSIGNED_FLAG) != 0;

    if (my_is_integer(field->wire_type))
        return my_is_integer(now->type) && is_unsigned == field->is_unsigned;
    if (my_is_bytes(field->wire_type))
        return my_is_bytes(now->type) && (now->charsetnr == MY_BINARY_CHARSET) == field->is_binary;
    return now->type == field->wire_type;
}

bool
my_check_result(MYSQL_STMT *stmt, const MyField *fields, size_t field_count, Error *err)
{
    if (mysql_stmt_field_count(stmt) != field_count)
        return error_set(err, ERR_QUERY,
                         "the query has other columns now than when it was "
                         "described");
    for (size_t i = 0; i < field_count; i++)
        if (!is_same_type(&fields[i], &stmt->fields[i]))
            return error_set(err, ERR_QUERY,
                             "column \"%s\" (%s) has another type now than when it was described",
                             fields[i].name, fields[i].source_type);
    return true;
}
