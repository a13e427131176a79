#include "format/csv/cell.h"

#include <ctype.h>

#include "batch/render.h"
#include "format/csv/csv.h"

enum {
    BLOCK_BYTES = 32,
    /* Longer texts go in portions, so that none needs room of its own size. */
    PORTION_BYTES = CSV_SLACK_BYTES / 4,
};
static_assert((size_t)BLOCK_BYTES <= (size_t)COLUMN_SLACK_BYTES,
              "a text may be read a block too far");

const char *
csv_null_text(const CsvConfig *config, size_t column_count)
{
    if (config->null != NULL)
        return config->null;
    return column_count == 1 ? "\\N" : "";
}

/* Whether a number, boolean, date, time or uuid can be this text. */
static bool
is_fixed_text(const char *text)
{
    static const char *const WORDS[] = {"true", "false", "NaN", "inf", "-inf"};

    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++)
        if (strcmp(text, WORDS[i]) == 0)
            return true;
    return text[0] != '\0' && text[strspn(text, "0123456789+-.:TZabcdef")] == '\0';
}

CellStyle
cell_style(const CsvConfig *config, size_t column_count)
{
    const char *null_text = csv_null_text(config, column_count);
    int delimiter = (unsigned char)config->delimiter;
    bool may_hold_delimiter = isalnum(delimiter) || strchr("+-.:", delimiter) != NULL;

    return (CellStyle){
        .delimiter = (uint8_t)delimiter,
        .quotes_all = config->quote == CSV_QUOTE_ALL,
        .null_text = null_text,
        .null_length = strlen(null_text),
        .is_fixed_plain = !may_hold_delimiter && !is_fixed_text(null_text),
    };
}

size_t
cell_fixed_bytes(const Type *type)
{
    enum { DELIMITER_BYTES = 1, QUOTE_BYTES = 2, SHORT_BYTES = 64 };

    switch (type_storage(type)) {
    case STORAGE_BYTES:
    case STORAGE_LIST:
        return DELIMITER_BYTES;
    case STORAGE_F32:
    case STORAGE_F64:
        return DELIMITER_BYTES + QUOTE_BYTES + RENDER_MAX_BYTES;
    default:
        return DELIMITER_BYTES + QUOTE_BYTES + SHORT_BYTES;
    }
}

/* Bytes of word that equal the pattern's have their top bit set in the result; bytes above such a
 * one may have it too, which is fine for a yes or no over the lowest `length` bytes. */
static uint64_t
match_bytes(uint64_t word, uint64_t pattern)
{
    uint64_t difference = word ^ pattern;

    return (difference - UINT64_C(0x0101010101010101)) & ~difference;
}

static bool
has_special_word(const uint8_t *text, size_t length, uint8_t delimiter)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;

    memcpy(&word, text, sizeof(word));
    uint64_t hits = match_bytes(word, ones * '"') | match_bytes(word, ones * delimiter) |
                    match_bytes(word, ones * '\n') | match_bytes(word, ones * '\r');
    hits &= UINT64_C(0x8080808080808080);
    if (length < sizeof(word))
        hits &= (UINT64_C(1) << (8 * length)) - 1;
    return hits != 0;
}

/* The vectors of the smallest 64-bit machines; elsewhere the compiler makes plain code of it. */
typedef int8_t Vector __attribute__((vector_size(16)));

static Vector
match_vector(const uint8_t *text, uint8_t delimiter)
{
    Vector v;

    memcpy(&v, text, sizeof(v));
    return (v == '"') | (v == (int8_t)delimiter) | (v == '\n') | (v == '\r');
}

static bool
has_special_block(const uint8_t *text, uint8_t delimiter)
{
    uint64_t words[2];
    Vector hits = match_vector(text, delimiter) | match_vector(text + 16, delimiter);

    memcpy(words, &hits, sizeof(words));
    return (words[0] | words[1]) != 0;
}

static bool
has_special(const uint8_t *text, size_t length, uint8_t delimiter)
{
    for (; length >= BLOCK_BYTES; text += BLOCK_BYTES, length -= BLOCK_BYTES)
        if (has_special_block(text, delimiter))
            return true;
    for (; length > 8; text += 8, length -= 8)
        if (has_special_word(text, 8, delimiter))
            return true;
    return length > 0 && has_special_word(text, length, delimiter);
}

static bool
is_null_text(const CellStyle *style, const uint8_t *text, size_t length)
{
    return length == style->null_length && length > 0 &&
           memcmp(text, style->null_text, length) == 0;
}

static void
put_byte(CsvOutput *output, uint8_t byte)
{
    output->room[output->used++] = byte;
}

static void
put_bytes(CsvOutput *output, const uint8_t *bytes, size_t length)
{
    memcpy(output->room + output->used, bytes, length);
    output->used += length;
}

/* A portion between the quotes, its own quotes doubled. */
static void
put_doubled(CsvOutput *output, const uint8_t *text, size_t length)
{
    while (length > 0) {
        const uint8_t *quote = memchr(text, '"', length);
        size_t plain = quote == NULL ? length : (size_t)(quote - text) + 1;
        put_bytes(output, text, plain);
        if (quote != NULL)
            put_byte(output, '"');
        text += plain;
        length -= plain;
    }
}

static bool
put_long(const uint8_t *text, size_t length, bool is_quoted, CsvOutput *output, Error *err)
{
    while (length > 0) {
        size_t portion = size_min(length, PORTION_BYTES);
        if (!csv_output_reserve(output, 2 * portion, err))
            return false;
        if (is_quoted)
            put_doubled(output, text, portion);
        else
            put_bytes(output, text, portion);
        text += portion;
        length -= portion;
    }
    return true;
}

bool
cell_put_text(const CellStyle *style, const uint8_t *text, size_t length, bool is_value,
              CsvOutput *output, Error *err)
{
    bool is_quoted = style->quotes_all || length == 0 ||
                     has_special(text, length, style->delimiter) ||
                     (is_value && is_null_text(style, text, length));

    if (!csv_output_reserve(output, 2 + 2 * size_min(length, PORTION_BYTES), err))
        return false;
    if (is_quoted)
        put_byte(output, '"');
    if (length > PORTION_BYTES) {
        if (!put_long(text, length, is_quoted, output, err) || !csv_output_reserve(output, 1, err))
            return false;
    } else if (is_quoted) {
        put_doubled(output, text, length);
    } else {
        put_bytes(output, text, length);
    }
    if (is_quoted)
        put_byte(output, '"');
    return true;
}

/* Hex digits need quotes only like a number does. */
static bool
put_binary(const CellStyle *style, const uint8_t *bytes, size_t length, Buffer *scratch,
           CsvOutput *output, Error *err)
{
    buffer_reset(scratch);
    buffer_reserve(scratch, size_min(length, PORTION_BYTES) * 2 + COLUMN_SLACK_BYTES);
    if (length <= PORTION_BYTES) {
        render_hex(bytes, length, scratch);
        return cell_put_text(style, scratch->data, scratch->size, true, output, err);
    }
    bool is_quoted = style->quotes_all || isxdigit(style->delimiter);
    if (!csv_output_reserve(output, 1, err))
        return false;
    if (is_quoted)
        put_byte(output, '"');
    while (length > 0) {
        size_t portion = size_min(length, PORTION_BYTES);
        buffer_reset(scratch);
        render_hex(bytes, portion, scratch);
        if (!csv_output_reserve(output, scratch->size + 1, err))
            return false;
        put_bytes(output, scratch->data, scratch->size);
        bytes += portion;
        length -= portion;
    }
    if (is_quoted)
        put_byte(output, '"');
    return true;
}

static bool
put_list(const CellStyle *style, CellWalk *walk, Buffer *scratch, CsvOutput *output, Error *err)
{
    buffer_reset(scratch);
    walk->element = render_list(walk->column, walk->value, walk->element, scratch);
    buffer_reserve(scratch, COLUMN_SLACK_BYTES);
    return cell_put_text(style, scratch->data, scratch->size, true, output, err);
}

/* The room for it is there already. */
static void
put_fixed(const CellStyle *style, const CellWalk *walk, CsvOutput *output)
{
    if (style->quotes_all)
        put_byte(output, '"');
    char *to = (char *)output->room + output->used;
    output->used += render_fixed(walk->column, walk->value, to);
    if (style->quotes_all)
        put_byte(output, '"');
}

static bool
put_fixed_checked(const CellStyle *style, const CellWalk *walk, CsvOutput *output, Error *err)
{
    uint8_t text[RENDER_MAX_BYTES + COLUMN_SLACK_BYTES];
    size_t length = render_fixed(walk->column, walk->value, (char *)text);

    return cell_put_text(style, text, length, true, output, err);
}

bool
cell_put(const CellStyle *style, CellWalk *walk, Buffer *scratch, size_t reserved,
         CsvOutput *output, Error *err)
{
    const Column *column = walk->column;
    size_t value = walk->value;
    bool ok;

    if (column->storage == STORAGE_BYTES) {
        const uint8_t *bytes = column->data + column->offsets[value];
        size_t length = column->offsets[value + 1] - column->offsets[value];
        ok = column->type->kind == TYPE_BINARY
                 ? put_binary(style, bytes, length, scratch, output, err)
                 : cell_put_text(style, bytes, length, true, output, err);
    } else if (column->storage == STORAGE_LIST) {
        ok = put_list(style, walk, scratch, output, err);
    } else if (style->quotes_all || style->is_fixed_plain) {
        put_fixed(style, walk, output);
        walk->value++;
        return true;
    } else {
        ok = put_fixed_checked(style, walk, output, err);
    }
    walk->value++;
    return ok && csv_output_reserve(output, reserved, err);
}
