/* Parameters in the type of the column they are compared with, so that an index serves and no
 * digit is lost on the way. */
#include <errno.h>

#include "source/mysql/decode.h"
#include "source/mysql/mysql_source.h"
#include "util/memory.h"

MyParam *
my_params_add(MyParams *params)
{
    if (params->count == params->capacity) {
        params->capacity = size_max(8, params->capacity * 2);
        params->items = memory_resize(params->items, params->capacity * sizeof(*params->items));
    }
    MyParam *param = &params->items[params->count++];
    memset(param, 0, sizeof(*param));
    return param;
}

void
my_params_reset(MyParams *params)
{
    params->count = 0;
    arena_release(&params->arena);
    params->arena = (Arena){0};
}

void
my_params_release(MyParams *params)
{
    arena_release(&params->arena);
    free(params->items);
    *params = (MyParams){0};
}

static void
add_bytes(const MyField *field, const uint8_t *bytes, size_t size_bytes, MyParams *params)
{
    MyParam *param = my_params_add(params);

    param->type = field->wire_type == MYSQL_TYPE_NEWDECIMAL ? MYSQL_TYPE_NEWDECIMAL
                  : field->is_binary                        ? MYSQL_TYPE_BLOB
                                                            : MYSQL_TYPE_STRING;
    param->is_text = true;
    param->bytes =
        (const uint8_t *)arena_dup_bytes(&params->arena, (const char *)bytes, size_bytes);
    param->size_bytes = size_bytes;
}

static void
add_integer(uint64_t value, bool is_unsigned, MyParams *params)
{
    MyParam *param = my_params_add(params);

    param->type = MYSQL_TYPE_LONGLONG;
    param->is_unsigned = is_unsigned;
    param->integer = (int64_t)value;
}

static enum enum_mysql_timestamp_type
moment_kind(enum enum_field_types wire_type)
{
    return wire_type == MYSQL_TYPE_DATE   ? MYSQL_TIMESTAMP_DATE
           : wire_type == MYSQL_TYPE_TIME ? MYSQL_TIMESTAMP_TIME
                                          : MYSQL_TIMESTAMP_DATETIME;
}

static void
add_moment(const MyField *field, const MyMoment *moment, MyParams *params)
{
    MyParam *param = my_params_add(params);
    bool is_time = field->wire_type == MYSQL_TYPE_TIME;

    param->type = field->wire_type == MYSQL_TYPE_TIMESTAMP ? MYSQL_TYPE_DATETIME : field->wire_type;
    /* On the wire the hours of a TIME have one byte; what is more goes into its days. */
    param->moment = (MYSQL_TIME){
        .year = moment->year,
        .month = moment->month,
        .day = is_time ? moment->hour / 24 : moment->day,
        .hour = moment->hour % 24,
        .minute = moment->minute,
        .second = moment->second,
        .second_part = moment->us,
        .neg = moment->is_negative,
        .time_type = moment_kind(field->wire_type),
    };
}

void
my_param_from_wire(const MyField *field, const uint8_t *bytes, size_t size_bytes, MyParams *params)
{
    MyMoment moment;

    if (my_is_integer(field->wire_type)) {
        add_integer(my_load_integer(field, bytes, size_bytes), field->is_unsigned, params);
    } else if (field->wire_type == MYSQL_TYPE_BIT) {
        add_integer(my_load_bits(bytes, size_bytes), true, params);
    } else if (my_is_moment(field->wire_type) &&
               my_moment_load(field->wire_type, bytes, size_bytes, &moment)) {
        add_moment(field, &moment, params);
    } else {
        add_bytes(field, bytes, size_bytes, params);
    }
}

static bool
bad_bound(const MyField *field, Error *err)
{
    return error_set(err, ERR_VALUE, "column \"%s\" (%s): a bound is no value of the type",
                     field->name, field->source_type);
}

static bool
integer_from_text(const MyField *field, const char *text, MyParams *params, Error *err)
{
    bool is_negative = text[0] == '-';
    char *end = NULL;

    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        add_integer(text[0] == 't', false, params);
        return true;
    }
    errno = 0;
    uint64_t value = is_negative ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        return bad_bound(field, err);
    add_integer(value, !is_negative, params);
    return true;
}

static bool
real_from_text(const MyField *field, const char *text, MyParams *params, Error *err)
{
    char *end = NULL;
    /* The text of a FLOAT is the shortest one that gives that FLOAT back, not that DOUBLE. */
    double value =
        field->wire_type == MYSQL_TYPE_FLOAT ? (double)strtof(text, &end) : strtod(text, &end);

    if (end == text || *end != '\0')
        return bad_bound(field, err);
    MyParam *param = my_params_add(params);
    param->type = MYSQL_TYPE_DOUBLE;
    param->real = value;
    return true;
}

static bool
binary_from_hex(const MyField *field, const char *text, MyParams *params, Error *err)
{
    size_t size = strlen(text) / 2;
    uint8_t *bytes = arena_alloc(&params->arena, size + 1);

    for (size_t i = 0; i < size; i++) {
        char pair[3] = {text[i * 2], text[i * 2 + 1], '\0'};
        char *end = NULL;
        bytes[i] = (uint8_t)strtoul(pair, &end, 16);
        if (*end != '\0')
            return bad_bound(field, err);
    }
    if (text[size * 2] != '\0')
        return bad_bound(field, err);
    add_bytes(field, bytes, size, params);
    return true;
}

bool
my_param_from_text(const MyField *field, const char *text, MyParams *params, Error *err)
{
    MyMoment moment;

    if (my_is_integer(field->wire_type) || field->wire_type == MYSQL_TYPE_BIT)
        return integer_from_text(field, text, params, err);
    if (field->wire_type == MYSQL_TYPE_FLOAT || field->wire_type == MYSQL_TYPE_DOUBLE)
        return real_from_text(field, text, params, err);
    if (my_is_moment(field->wire_type)) {
        if (!my_moment_parse(field->wire_type, text, &moment))
            return bad_bound(field, err);
        add_moment(field, &moment, params);
        return true;
    }
    if (field->type.kind == TYPE_BINARY && field->is_binary)
        return binary_from_hex(field, text, params, err);
    add_bytes(field, (const uint8_t *)text, strlen(text), params);
    return true;
}
