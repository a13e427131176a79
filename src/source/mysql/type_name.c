/* What the server calls a column's type, rebuilt from what it says about a result. Lengths of texts
 * come in bytes of the session's character set. */
#include "source/mysql/decode.h"
#include "source/mysql/types.h"

enum { UTF8MB4_BYTES = 4 };

/* Of MySQL 9; the client library has no name for it. */
enum { TYPE_VECTOR = 242 };

static bool
is_text(const MYSQL_FIELD *described)
{
    return described->charsetnr != MY_BINARY_CHARSET;
}

/* TEXT and BLOB come as one type; what they can hold tells them apart. */
static const char *
blob_name(const MYSQL_FIELD *described)
{
    static const struct {
        unsigned long most;
        const char *text, *binary;
    } NAMES[] = {
        {255, "tinytext", "tinyblob"},
        {65535, "text", "blob"},
        {16777215, "mediumtext", "mediumblob"},
    };
    unsigned long length = described->length;

    for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++)
        if (length <= NAMES[i].most * (is_text(described) ? UTF8MB4_BYTES : 1))
            return is_text(described) ? NAMES[i].text : NAMES[i].binary;
    return is_text(described) ? "longtext" : "longblob";
}

static const char *
string_name(const MYSQL_FIELD *described, Arena *arena)
{
    bool is_fixed = described->type == MYSQL_TYPE_STRING;

    if ((described->flags & ENUM_FLAG) != 0)
        return "enum";
    if ((described->flags & SET_FLAG) != 0)
        return "set";
    if (!is_text(described))
        return arena_format(arena, "%s(%lu)", is_fixed ? "binary" : "varbinary", described->length);
    return arena_format(arena, "%s(%lu)", is_fixed ? "char" : "varchar",
                        described->length / UTF8MB4_BYTES);
}

static const char *
integer_name(const MYSQL_FIELD *described, Arena *arena)
{
    static const struct {
        enum enum_field_types type;
        const char *name;
    } NAMES[] = {
        {MYSQL_TYPE_TINY, "tinyint"},    {MYSQL_TYPE_SHORT, "smallint"},
        {MYSQL_TYPE_INT24, "mediumint"}, {MYSQL_TYPE_LONG, "int"},
        {MYSQL_TYPE_LONGLONG, "bigint"},
    };
    const char *word = (described->flags & UNSIGNED_FLAG) != 0 ? " unsigned" : "";

    if (described->type == MYSQL_TYPE_YEAR)
        return "year";
    if (described->type == MYSQL_TYPE_TINY && described->length == 1)
        return arena_format(arena, "tinyint(1)%s", word);
    for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++)
        if (NAMES[i].type == described->type)
            return arena_format(arena, "%s%s", NAMES[i].name, word);
    return "int";
}

static const char *
with_digits(const char *name, const MYSQL_FIELD *described, Arena *arena)
{
    return described->decimals == 0 || described->decimals > 6
               ? name
               : arena_format(arena, "%s(%u)", name, described->decimals);
}

const char *
my_type_name(const MyColumn *column, Arena *arena)
{
    const MYSQL_FIELD *described = column->described;
    const char *word = (described->flags & UNSIGNED_FLAG) != 0 ? " unsigned" : "";

    if (column->is_json || described->type == MYSQL_TYPE_JSON)
        return "json";
    if (my_is_integer(described->type))
        return integer_name(described, arena);
    switch (described->type) {
    case MYSQL_TYPE_NEWDECIMAL:
        return arena_format(arena, "decimal(%d,%u)%s", my_decimal_precision(described),
                            described->decimals, word);
    case MYSQL_TYPE_FLOAT:
        return arena_format(arena, "float%s", word);
    case MYSQL_TYPE_DOUBLE:
        return arena_format(arena, "double%s", word);
    case MYSQL_TYPE_DATE:
        return "date";
    case MYSQL_TYPE_DATETIME:
        return with_digits("datetime", described, arena);
    case MYSQL_TYPE_TIMESTAMP:
        return with_digits("timestamp", described, arena);
    case MYSQL_TYPE_TIME:
        return with_digits("time", described, arena);
    case MYSQL_TYPE_BIT:
        return arena_format(arena, "bit(%lu)", described->length);
    case MYSQL_TYPE_GEOMETRY:
        return "geometry";
    case MYSQL_TYPE_NULL:
        return "null";
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_VARCHAR:
        return string_name(described, arena);
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
        return blob_name(described);
    default:
        return (int)described->type == TYPE_VECTOR
                   ? "vector"
                   : arena_format(arena, "type %d", described->type);
    }
}
