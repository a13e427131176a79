#include "support/parquet_rows.h"

#include <math.h>

#include "util/memory.h"

#define MICROS_PER_DAY INT64_C(86400000000)

enum { EDGES_MAX = 64, FEW = 7, RUN = 37, SHORT_TEXT = 12, LIST_MAX = 5, ELEMENT_SALT = 1 << 20 };

static const Type TYPES[] = {
    {.kind = TYPE_BOOL},
    {.kind = TYPE_INT8},
    {.kind = TYPE_INT16},
    {.kind = TYPE_INT32},
    {.kind = TYPE_INT64},
    {.kind = TYPE_UINT8},
    {.kind = TYPE_UINT16},
    {.kind = TYPE_UINT32},
    {.kind = TYPE_UINT64},
    {.kind = TYPE_FLOAT},
    {.kind = TYPE_DOUBLE},
    {.kind = TYPE_DECIMAL, .precision = 1},
    {.kind = TYPE_DECIMAL, .precision = 9, .scale = 2},
    {.kind = TYPE_DECIMAL, .precision = 10, .scale = 10},
    {.kind = TYPE_DECIMAL, .precision = 18, .scale = 4},
    {.kind = TYPE_DECIMAL, .precision = 19, .scale = 4},
    {.kind = TYPE_DECIMAL, .precision = 23},
    {.kind = TYPE_DECIMAL, .precision = 38, .scale = 10},
    {.kind = TYPE_DATE},
    {.kind = TYPE_TIME},
    {.kind = TYPE_TIMESTAMP},
    {.kind = TYPE_TIMESTAMPTZ},
    {.kind = TYPE_TEXT},
    {.kind = TYPE_JSON},
    {.kind = TYPE_BINARY},
    {.kind = TYPE_UUID},
};

static const char *const KIND_WORDS[] = {
    [TYPE_BOOL] = "bool",           [TYPE_INT8] = "int8",     [TYPE_INT16] = "int16",
    [TYPE_INT32] = "int32",         [TYPE_INT64] = "int64",   [TYPE_UINT8] = "uint8",
    [TYPE_UINT16] = "uint16",       [TYPE_UINT32] = "uint32", [TYPE_UINT64] = "uint64",
    [TYPE_FLOAT] = "float",         [TYPE_DOUBLE] = "double", [TYPE_DECIMAL] = "decimal",
    [TYPE_DATE] = "date",           [TYPE_TIME] = "time",     [TYPE_TEXT] = "text",
    [TYPE_TIMESTAMP] = "timestamp", [TYPE_JSON] = "json",     [TYPE_TIMESTAMPTZ] = "timestamptz",
    [TYPE_BINARY] = "binary",       [TYPE_UUID] = "uuid",
};

static const char *const STYLE_WORDS[] = {"spread", "few", "sorted"};

/* splitmix64, so that neighbouring arguments give unrelated numbers. */
static uint64_t
mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

uint64_t
row_random(uint64_t seed, uint64_t column, uint64_t row, uint64_t draw)
{
    return mix(mix(mix(mix(seed) ^ column) ^ row) ^ draw);
}

static void
add_column(RowSet *set, const Type *type, RowStyle style, unsigned null_percent, bool is_list)
{
    size_t i = set->schema.column_count++;
    RowColumn *detail = &set->details[i];
    char size[16] = "";

    detail->style = style;
    detail->null_percent = null_percent;
    detail->element = *type;
    if (type->kind == TYPE_DECIMAL)
        snprintf(size, sizeof(size), "%u_%u", type->precision, type->scale);
    snprintf(detail->name, sizeof(detail->name), "%s%s%s_%s", is_list ? "list_" : "",
             KIND_WORDS[type->kind], size, STYLE_WORDS[style]);
    set->columns[i] = (ColumnSchema){
        .name = detail->name,
        .source_type = KIND_WORDS[type->kind],
        .type = is_list ? (Type){.kind = TYPE_LIST, .element = &detail->element} : *type,
        .is_exact = true,
    };
}

void
row_set_init(RowSet *set, uint64_t seed, unsigned null_percent, bool has_lists)
{
    size_t most = ARRAY_LENGTH(TYPES) * STYLE_COUNT * 2 + EDGES_MAX;

    *set = (RowSet){
        .seed = seed,
        .columns = memory_alloc_zero(most, sizeof(*set->columns)),
        .details = memory_alloc_zero(most, sizeof(*set->details)),
    };
    for (size_t type = 0; type < ARRAY_LENGTH(TYPES); type++) {
        for (int style = 0; style < STYLE_COUNT; style++)
            add_column(set, &TYPES[type], (RowStyle)style, null_percent, false);
        if (has_lists)
            add_column(set, &TYPES[type], (RowStyle)(type % STYLE_COUNT), null_percent, true);
    }
    set->schema.columns = set->columns;
}

void
row_set_release(RowSet *set)
{
    free(set->columns);
    free(set->details);
    *set = (RowSet){0};
}

typedef struct Draw {
    const Type *type;
    RowStyle style;
    uint64_t random;
    uint64_t row;
} Draw;

static Int128
decimal_limit(unsigned precision)
{
    Int128 limit = 1;

    while (precision-- > 0)
        limit *= 10;
    return limit;
}

/* lowest + distance, where both together fit. */
static Int128
number_above(Int128 lowest, UInt128 distance)
{
    return (Int128)((UInt128)lowest + distance);
}

/* A number of lowest … highest, both of them often. */
static Int128
draw_number(const Draw *draw, Int128 lowest, Int128 highest)
{
    UInt128 span = (UInt128)highest - (UInt128)lowest + 1;
    UInt128 wide = (UInt128)draw->random << 64 | mix(draw->random);

    if (draw->style == STYLE_FEW)
        return number_above(lowest, (UInt128)(draw->random % FEW) * 1000003 % span);
    if (draw->style == STYLE_SORTED)
        return number_above(lowest, (UInt128)(draw->row / RUN) * 5 % span);
    switch (draw->random % 16) {
    case 0:
        return lowest;
    case 1:
        return highest;
    case 2:
        return lowest <= 0 && highest >= 0 ? 0 : lowest;
    default:
        return number_above(lowest, wide % span);
    }
}

static int64_t
draw_i64(const Draw *draw, int64_t lowest, int64_t highest)
{
    return (int64_t)draw_number(draw, lowest, highest);
}

static double
draw_double(const Draw *draw)
{
    static const double SPECIALS[] = {0.0,   -0.0,      1.5,      -2.25,  INFINITY,
                                      1e300, -INFINITY, 4.9e-324, -1e-300};

    if (draw->style == STYLE_SORTED)
        return (double)(draw->row / RUN) * 0.25 - 100;
    if (draw->style == STYLE_FEW)
        return SPECIALS[draw->random % FEW];
    /* NaN only now and then, so that many chunks keep their bounds. */
    if (draw->random % 4099 == 0)
        return NAN;
    if (draw->random % 16 < ARRAY_LENGTH(SPECIALS))
        return SPECIALS[draw->random % 16];
    return (double)(int64_t)mix(draw->random) / 1048576.0;
}

static void
append_bytes(Column *column, const void *bytes, size_t size)
{
    Error err = ERROR_INIT;

    if (!column_append_bytes(column, bytes, size, &err))
        abort();
}

static void
append_text(Column *column, const Draw *draw)
{
    static const char *const FEW_TEXTS[FEW] = {"",
                                               "a",
                                               "open",
                                               "closed",
                                               "in progress",
                                               "übermäßig",
                                               "a text of more than thirty-two bytes"};
    static const char *const SYLLABLES[] = {"ka", "lo", "mi", "né", "ßu", "東", "𝄞", " "};
    char text[256];
    size_t size = 0;

    if (draw->style == STYLE_FEW) {
        const char *word = FEW_TEXTS[draw->random % FEW];
        append_bytes(column, word, strlen(word));
        return;
    }
    if (draw->style == STYLE_SORTED) {
        int length = snprintf(text, sizeof(text), "key-%08" PRIu64, draw->row / RUN);
        append_bytes(column, text, (size_t)length);
        return;
    }
    size_t want = draw->random % 61 == 0 ? 40 : draw->random % SHORT_TEXT;
    for (size_t i = 0; i < want; i++) {
        const char *syllable = SYLLABLES[mix(draw->random + i) % ARRAY_LENGTH(SYLLABLES)];
        memcpy(text + size, syllable, strlen(syllable));
        size += strlen(syllable);
    }
    append_bytes(column, text, size);
}

static void
append_json(Column *column, const Draw *draw)
{
    char text[128];
    uint64_t number = draw->style == STYLE_SORTED ? draw->row / RUN
                      : draw->style == STYLE_FEW  ? draw->random % FEW
                                                  : draw->random;
    int size =
        snprintf(text, sizeof(text), "{\"id\": %" PRIu64 ", \"tags\": [\"x\", null]}", number);

    append_bytes(column, text, (size_t)size);
}

static void
append_binary(Column *column, const Draw *draw)
{
    uint8_t bytes[300];
    size_t size = draw->style == STYLE_SPREAD ? draw->random % 97 : draw->random % FEW;
    uint64_t number = draw->style == STYLE_SORTED ? draw->row / RUN : draw->random;

    if (draw->style == STYLE_SPREAD && draw->random % 53 == 0)
        size = 100 + draw->random % 100;
    for (size_t i = 0; i < size; i++)
        bytes[i] = draw->style == STYLE_FEW
                       ? 0xFF
                       : (uint8_t)(mix(number + i / 3) % 7 == 0 ? 0xFF : mix(number + i));
    append_bytes(column, bytes, size);
}

static void
append_uuid(Column *column, const Draw *draw)
{
    uint8_t bytes[16];
    uint64_t high = draw->style == STYLE_SORTED ? draw->row / RUN
                    : draw->style == STYLE_FEW  ? mix(draw->random % FEW)
                                                : mix(draw->random);
    uint64_t low = mix(high);

    memcpy(bytes, &high, sizeof(high));
    memcpy(bytes + 8, &low, sizeof(low));
    column_append_fixed16(column, bytes);
}

static void
append_decimal(Column *column, const Draw *draw)
{
    Int128 limit = decimal_limit(draw->type->precision);
    Int128 value = draw_number(draw, 1 - limit, limit - 1);

    if (column->storage == STORAGE_I32)
        column_append_i32(column, (int32_t)value);
    else if (column->storage == STORAGE_I64)
        column_append_i64(column, (int64_t)value);
    else
        column_append_i128(column, value);
}

static void
append_value(Column *column, const Draw *draw)
{
    switch (draw->type->kind) {
    case TYPE_BOOL:
        column_append_bool(column, (uint8_t)draw_i64(draw, 0, 1));
        return;
    case TYPE_INT8:
        column_append_i32(column, (int32_t)draw_i64(draw, INT8_MIN, INT8_MAX));
        return;
    case TYPE_INT16:
        column_append_i32(column, (int32_t)draw_i64(draw, INT16_MIN, INT16_MAX));
        return;
    case TYPE_INT32:
        column_append_i32(column, (int32_t)draw_i64(draw, INT32_MIN, INT32_MAX));
        return;
    case TYPE_INT64:
        column_append_i64(column, draw_i64(draw, INT64_MIN, INT64_MAX));
        return;
    case TYPE_UINT8:
        column_append_i32(column, (int32_t)draw_i64(draw, 0, UINT8_MAX));
        return;
    case TYPE_UINT16:
        column_append_i32(column, (int32_t)draw_i64(draw, 0, UINT16_MAX));
        return;
    case TYPE_UINT32:
        column_append_i32(column, (int32_t)(uint32_t)draw_i64(draw, 0, UINT32_MAX));
        return;
    case TYPE_UINT64:
        column_append_i64(column, (int64_t)(uint64_t)draw_number(draw, 0, UINT64_MAX));
        return;
    case TYPE_FLOAT:
        column_append_f32(column, (float)draw_double(draw));
        return;
    case TYPE_DOUBLE:
        column_append_f64(column, draw_double(draw));
        return;
    case TYPE_DECIMAL:
        append_decimal(column, draw);
        return;
    case TYPE_DATE: /* years 1 to 9999 */
        column_append_i32(column, (int32_t)draw_i64(draw, -719162, 2932896));
        return;
    case TYPE_TIME:
        column_append_i64(column, draw_i64(draw, 0, MICROS_PER_DAY - 1));
        return;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        column_append_i64(column,
                          draw_i64(draw, -719162 * MICROS_PER_DAY, 2932897 * MICROS_PER_DAY - 1));
        return;
    case TYPE_TEXT:
        append_text(column, draw);
        return;
    case TYPE_JSON:
        append_json(column, draw);
        return;
    case TYPE_BINARY:
        append_binary(column, draw);
        return;
    case TYPE_UUID:
        append_uuid(column, draw);
        return;
    case TYPE_LIST:
        abort();
    }
}

static void
append_list(Column *column, const RowColumn *detail, const RowSet *set, uint64_t index,
            uint64_t row)
{
    uint64_t count = row_random(set->seed, index, row, 2) % (LIST_MAX + 1);

    for (uint64_t i = 0; i < count; i++) {
        uint64_t draw_number_of_element = ELEMENT_SALT + i;
        Draw draw = {
            .type = &detail->element,
            .style = detail->style,
            .random = row_random(set->seed, index, row, draw_number_of_element),
            .row = row,
        };
        if (mix(draw.random) % 100 < detail->null_percent)
            column_append_null(column->element);
        else
            append_value(column->element, &draw);
    }
    column_end_list(column);
}

void
row_set_fill(const RowSet *set, uint64_t first, size_t count, Batch *batch)
{
    for (size_t i = 0; i < set->schema.column_count; i++) {
        const RowColumn *detail = &set->details[i];
        Column *column = &batch->columns[i];
        for (uint64_t row = first; row < first + count; row++) {
            Draw draw = {
                .type = &detail->element,
                .style = detail->style,
                .random = row_random(set->seed, i, row, 0),
                .row = row,
            };
            if (row_random(set->seed, i, row, 1) % 100 < detail->null_percent)
                column_append_null(column);
            else if (detail->append != NULL)
                detail->append(column, draw.random, row);
            else if (column->storage == STORAGE_LIST)
                append_list(column, detail, set, i, row);
            else
                append_value(column, &draw);
        }
    }
    batch->row_count += count;
}
