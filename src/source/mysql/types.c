#include "source/mysql/types.h"

#include "source/mysql/decode.h"
#include "source/mysql/override.h"
#include "source/select.h"

/* Integers by width, as types.md §2 has them: the portable type holds the unsigned range too. */
static const struct {
    enum enum_field_types wire_type;
    TypeKind portable, native, portable_unsigned, native_unsigned;
} INTEGERS[] = {
    {MYSQL_TYPE_TINY, TYPE_INT16, TYPE_INT8, TYPE_INT32, TYPE_UINT8},
    {MYSQL_TYPE_SHORT, TYPE_INT16, TYPE_INT16, TYPE_INT32, TYPE_UINT16},
    {MYSQL_TYPE_YEAR, TYPE_INT16, TYPE_INT16, TYPE_INT16, TYPE_INT16},
    {MYSQL_TYPE_INT24, TYPE_INT32, TYPE_INT32, TYPE_INT64, TYPE_UINT32},
    {MYSQL_TYPE_LONG, TYPE_INT32, TYPE_INT32, TYPE_INT64, TYPE_UINT32},
    {MYSQL_TYPE_LONGLONG, TYPE_INT64, TYPE_INT64, TYPE_DECIMAL, TYPE_UINT64},
};

enum { UNSIGNED_64_DIGITS = 20, SCALE_NOT_FIXED = 31 };

/* Chosen so far: what the field holds before an override. */
typedef struct Choice {
    const MyColumn *column;
    const MYSQL_FIELD *described;
    const TypeRules *rules;
    Arena *arena;
    MyField *field;
    const char **warning;
    bool is_exact;
    bool has_override;
} Choice;

static void
set(const Choice *choice, TypeFamily family, TypeKind kind, MyDecoder decode, MyTextWriter write)
{
    choice->field->family = family;
    choice->field->type = (Type){.kind = kind};
    choice->field->decode = decode;
    choice->field->write_text = write;
}

static bool
is_native(const Choice *choice)
{
    return choice->rules->types == TYPES_NATIVE;
}

static void
choose_integer(const Choice *choice)
{
    MyField *field = choice->field;
    size_t row = 0;

    while (INTEGERS[row].wire_type != field->wire_type)
        row++;
    TypeKind portable =
        field->is_unsigned ? INTEGERS[row].portable_unsigned : INTEGERS[row].portable;
    TypeKind native = field->is_unsigned ? INTEGERS[row].native_unsigned : INTEGERS[row].native;
    set(choice, FAMILY_INTEGER, is_native(choice) ? native : portable, NULL, my_write_integer);
    if (field->type.kind == TYPE_DECIMAL)
        field->type.precision = UNSIGNED_64_DIGITS;
    Storage storage = type_storage(&field->type);
    field->decode = storage == STORAGE_I32   ? my_decode_integer_i32
                    : storage == STORAGE_I64 ? my_decode_integer_i64
                                             : my_decode_integer_i128;
}

static void
choose_tiny(const Choice *choice)
{
    bool is_bool = choice->described->length == 1 && choice->rules->tinyint1 == TINYINT1_BOOL &&
                   !choice->has_override;

    choose_integer(choice);
    if (is_bool)
        set(choice, FAMILY_BOOL, TYPE_BOOL, my_decode_tiny_bool, my_write_integer);
}

static void
choose_bit(const Choice *choice)
{
    unsigned long bits = choice->described->length;

    if (bits == 1) {
        set(choice, FAMILY_BOOL, TYPE_BOOL, my_decode_bit_bool, my_write_bit_bool);
    } else if (bits < 64 || is_native(choice)) {
        set(choice, FAMILY_INTEGER, bits < 64 ? TYPE_INT64 : TYPE_UINT64, my_decode_bit_i64,
            my_write_bit);
    } else {
        set(choice, FAMILY_INTEGER, TYPE_DECIMAL, my_decode_bit_i128, my_write_bit);
        choice->field->type.precision = UNSIGNED_64_DIGITS;
    }
}

/* The length counts a point and a sign where there can be any. */
int
my_decimal_precision(const MYSQL_FIELD *described)
{
    int sign = (described->flags & UNSIGNED_FLAG) == 0;

    return (int)described->length - (described->decimals > 0) - sign;
}

static void
choose_decimal(const Choice *choice)
{
    unsigned scale = choice->described->decimals;
    Type type;

    if (scale < SCALE_NOT_FIXED &&
        rules_decimal_type(my_decimal_precision(choice->described), (int)scale, &type)) {
        set(choice, FAMILY_DECIMAL, TYPE_DECIMAL, my_decode_decimal, my_write_bytes);
        choice->field->type = type;
    } else {
        set(choice, FAMILY_DECIMAL, TYPE_TEXT, my_decode_text, my_write_bytes);
    }
}

static void
choose_json(const Choice *choice)
{
    set(choice, FAMILY_JSON, is_native(choice) ? TYPE_JSON : TYPE_TEXT, my_decode_text,
        my_write_bytes);
}

static void
choose_bytes(const Choice *choice)
{
    bool is_word = (choice->described->flags & (ENUM_FLAG | SET_FLAG)) != 0;

    if (choice->column->is_json)
        choose_json(choice);
    else if (choice->field->is_binary && !is_word)
        set(choice, FAMILY_BINARY, TYPE_BINARY, my_decode_binary, my_write_bytes);
    else
        set(choice, FAMILY_TEXT, TYPE_TEXT, my_decode_text, my_write_bytes);
}

/* Text can hold what lies outside one day. */
static void
choose_time(const Choice *choice)
{
    if (is_native(choice) && !choice->rules->is_text_output)
        set(choice, FAMILY_DURATION, TYPE_TIME, my_decode_time, my_write_time);
    else
        set(choice, FAMILY_DURATION, TYPE_TEXT, my_decode_time_text, my_write_time);
}

static const char *
quote_name(Arena *arena, const char *name)
{
    Buffer quoted = {0};

    buffer_append_quoted(&quoted, name, "`");
    const char *text = arena_dup_string(arena, buffer_text(&quoted));
    buffer_release(&quoted);
    return text;
}

/* The client library does not know how long values of a newer type are; a cast makes them a
 * string. */
static void
choose_unknown(Choice *choice)
{
    MyField *field = choice->field;

    field->select =
        arena_format(choice->arena, "CAST(%s AS %s)", quote_name(choice->arena, field->name),
                     field->is_binary ? "BINARY" : "CHAR");
    field->wire_type = MYSQL_TYPE_VAR_STRING;
    choice->is_exact = false;
    choose_bytes(choice);
    *choice->warning =
        arena_format(choice->arena,
                     "column \"%s\": %s has no mapping of its own, it falls back "
                     "to %s",
                     field->name, field->source_type, field->is_binary ? "binary" : "text");
}

static void
choose(Choice *choice)
{
    switch (choice->field->wire_type) {
    case MYSQL_TYPE_TINY:
        choose_tiny(choice);
        break;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
        choose_integer(choice);
        break;
    case MYSQL_TYPE_NEWDECIMAL:
        choose_decimal(choice);
        break;
    case MYSQL_TYPE_FLOAT:
        set(choice, FAMILY_FLOAT, TYPE_FLOAT, my_decode_float, my_write_float);
        break;
    case MYSQL_TYPE_DOUBLE:
        set(choice, FAMILY_FLOAT, TYPE_DOUBLE, my_decode_double, my_write_double);
        break;
    case MYSQL_TYPE_DATE:
        set(choice, FAMILY_DATE, TYPE_DATE, my_decode_date, my_write_moment);
        break;
    case MYSQL_TYPE_DATETIME:
        set(choice, FAMILY_TIMESTAMP, TYPE_TIMESTAMP, my_decode_timestamp, my_write_moment);
        break;
    case MYSQL_TYPE_TIMESTAMP:
        set(choice, FAMILY_TIMESTAMPTZ, TYPE_TIMESTAMPTZ, my_decode_timestamp, my_write_moment);
        break;
    case MYSQL_TYPE_TIME:
        choose_time(choice);
        break;
    case MYSQL_TYPE_BIT:
        choose_bit(choice);
        break;
    case MYSQL_TYPE_JSON:
        choose_json(choice);
        break;
    case MYSQL_TYPE_GEOMETRY:
        set(choice, FAMILY_BINARY, TYPE_BINARY, my_decode_geometry, my_write_bytes);
        break;
    case MYSQL_TYPE_NULL:
        set(choice, FAMILY_TEXT, TYPE_TEXT, my_decode_text, my_write_bytes);
        break;
    default:
        if (my_is_bytes(choice->field->wire_type))
            choose_bytes(choice);
        else
            choose_unknown(choice);
    }
}

/* Floats have no exact text, enumerations sort by number and compare as text, JSON compares by
 * rules of its own. */
static bool
can_be_key(const MyField *field, const MYSQL_FIELD *described)
{
    return (described->flags & (ENUM_FLAG | SET_FLAG)) == 0 && field->select == NULL &&
           field->family != FAMILY_FLOAT && field->family != FAMILY_JSON &&
           field->wire_type != MYSQL_TYPE_GEOMETRY && field->wire_type != MYSQL_TYPE_NULL;
}

static void
field_init(const Choice *choice, const char *name)
{
    const MYSQL_FIELD *described = choice->described;

    *choice->field = (MyField){
        .name = name,
        .source_type = my_type_name(choice->column, choice->arena),
        .wire_type = described->type,
        .is_unsigned = (described->flags & UNSIGNED_FLAG) != 0,
        .is_binary = described->charsetnr == MY_BINARY_CHARSET,
        .is_not_null = (described->flags & NOT_NULL_FLAG) != 0,
        .wire_decimals = (uint8_t)described->decimals,
        .zero_dates = choice->rules->zero_dates,
        .invalid_utf8 = choice->rules->invalid_utf8,
        .remedy = rules_remedy(choice->arena, name, "text"),
    };
}

static void
keep_base(const Choice *choice)
{
    const MYSQL_FIELD *described = choice->described;
    MyField *field = choice->field;

    if (described->db == NULL || described->db[0] == '\0' || described->org_table[0] == '\0' ||
        described->org_name[0] == '\0')
        return;
    field->base_database = arena_dup_string(choice->arena, described->db);
    field->base_table = arena_dup_string(choice->arena, described->org_table);
    field->base_column = arena_dup_string(choice->arena, described->org_name);
    field->base_alias = arena_dup_string(choice->arena, described->table);
}

static const char *
remedy_for(const MyField *field, Arena *arena)
{
    if (field->family == FAMILY_TEXT && field->type.kind == TYPE_TEXT)
        return rules_remedy(arena, field->name, "binary");
    if (field->family == FAMILY_DURATION)
        return rules_remedy(arena, field->name, "text (or duration_us)");
    if (field->family == FAMILY_BINARY)
        return rules_remedy(arena, field->name, "binary");
    return field->remedy;
}

bool
my_choose_field(const MyColumn *column, const char *name, const TypeRules *rules, Arena *arena,
                MyField *field, ColumnSchema *schema, const char **warning, Error *err)
{
    const ColumnOverride *override = rules_find_override(rules, name);
    Choice choice = {
        .column = column,
        .described = column->described,
        .rules = rules,
        .arena = arena,
        .field = field,
        .warning = warning,
        .is_exact = true,
        .has_override = override != NULL,
    };

    field_init(&choice, name);
    keep_base(&choice);
    choose(&choice);
    field->can_be_key = can_be_key(field, column->described);
    field->remedy = remedy_for(field, arena);
    if (override != NULL && !my_apply_override(override, field, err))
        return false;
    *schema = (ColumnSchema){
        .name = name,
        .source_type = field->source_type,
        .type = field->type,
        .is_exact = choice.is_exact,
    };
    return true;
}
