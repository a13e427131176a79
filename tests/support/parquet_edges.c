/* Columns at the edges of their types, each with its own way to make a value. */
#include <math.h>

#include "support/parquet_rows.h"
#include "util/memory.h"

#define MICROS_PER_SECOND INT64_C(1000000)
/* The moments PostgreSQL knows: 4714-11-24 BC to the last that int64 microseconds hold. */
#define MOMENT_FIRST INT64_C(-210866803200000000)
#define MOMENT_LAST  INT64_C(9223371331199999999)

enum { DATE_FIRST = -2440588, DATE_LAST = 2145031948 };
enum {
    LONG_EVERY = 97,       /* rows from one long text to the next */
    LONG_BYTES = 100000,   /* more than a page of the small files */
    FALL_BACK_ROWS = 1024, /* few values for so many rows, then as many new ones */
    LONG_LIST_EVERY = 211,
    LONG_LIST = 3000,
};

static void
append_bytes(Column *column, const void *bytes, size_t size)
{
    Error err = ERROR_INIT;

    if (!column_append_bytes(column, bytes, size, &err))
        abort();
}

static void
append_date(Column *column, uint64_t random, uint64_t row)
{
    static const int32_t EDGES[] = {DATE_FIRST, DATE_LAST, 0, -1, -141428 /* 1582-10-14 */};

    (void)row;
    column_append_i32(column, EDGES[random % ARRAY_LENGTH(EDGES)]);
}

static void
append_moment(Column *column, uint64_t random, uint64_t row)
{
    static const int64_t EDGES[] = {MOMENT_FIRST, MOMENT_LAST, 0, -1, 1, -12219292800000001};

    (void)row;
    column_append_i64(column, EDGES[random % ARRAY_LENGTH(EDGES)]);
}

static void
append_nan(Column *column, uint64_t random, uint64_t row)
{
    (void)random;
    (void)row;
    column_append_f64(column, NAN);
}

static void
append_some_nan(Column *column, uint64_t random, uint64_t row)
{
    (void)row;
    column_append_f64(column, random % 3 == 0 ? NAN : 5);
}

static void
append_float_some_nan(Column *column, uint64_t random, uint64_t row)
{
    (void)row;
    column_append_f32(column, random % 7 == 0 ? NAN : (float)(random % 5));
}

static void
append_zero(Column *column, uint64_t random, uint64_t row)
{
    (void)row;
    column_append_f64(column, random % 2 == 0 ? 0.0 : -0.0);
}

static void
append_float_infinity(Column *column, uint64_t random, uint64_t row)
{
    (void)row;
    column_append_f32(column, random % 2 == 0 ? INFINITY : -INFINITY);
}

static void
append_true(Column *column, uint64_t random, uint64_t row)
{
    (void)random;
    (void)row;
    column_append_bool(column, 1);
}

static void
append_empty(Column *column, uint64_t random, uint64_t row)
{
    (void)random;
    (void)row;
    append_bytes(column, "", 0);
}

static void
append_long_text(Column *column, uint64_t random, uint64_t row)
{
    static char text[LONG_BYTES];
    size_t size = row % LONG_EVERY == 0 ? LONG_BYTES - row % 50000 : random % 9;

    memset(text, 'a' + (int)(random % 26), size);
    append_bytes(column, text, size);
}

/* Above it there is no text of 64 bytes: such a chunk has no bounds. */
static void
append_last_text(Column *column, uint64_t random, uint64_t row)
{
    enum { TIMES = 20, WIDTH = 4 };
    char text[TIMES * WIDTH];

    (void)row;
    for (size_t i = 0; i < TIMES; i++)
        memcpy(text + WIDTH * i, "\xF4\x8F\xBF\xBF", WIDTH);
    append_bytes(column, text, (16 + random % 5) * WIDTH);
}

/* Equal in all bytes that a bound keeps. */
static void
append_prefix_text(Column *column, uint64_t random, uint64_t row)
{
    char text[128];
    int size = snprintf(text, sizeof(text), "%063d\u00e9%04" PRIu64, 0, random % 1000);

    (void)row;
    append_bytes(column, text, (size_t)size);
}

static void
append_last_binary(Column *column, uint64_t random, uint64_t row)
{
    uint8_t bytes[80];

    (void)row;
    memset(bytes, 0xFF, sizeof(bytes));
    append_bytes(column, bytes, 60 + random % 20);
}

static void
append_fall_back_text(Column *column, uint64_t random, uint64_t row)
{
    char text[128];
    bool is_few = row / FALL_BACK_ROWS % 2 == 0;
    int size = snprintf(text, sizeof(text), "%s-%064" PRIu64, is_few ? "few" : "new",
                        is_few ? random % 5 : random);

    append_bytes(column, text, (size_t)size);
}

static void
append_long_list(Column *column, uint64_t random, uint64_t row)
{
    uint64_t count = row % LONG_LIST_EVERY == 0 ? LONG_LIST : random % 3;

    for (uint64_t i = 0; i < count; i++) {
        if ((random + i) % 5 == 0)
            column_append_null(column->element);
        else
            column_append_i32(column->element, (int32_t)(random + i));
    }
    column_end_list(column);
}

static void
append_clock(Column *column, uint64_t random, uint64_t row)
{
    (void)random;
    (void)row;
    column_append_i64(column, INT64_C(1790000000) * MICROS_PER_SECOND + 123456);
}

static void
append_hash(Column *column, uint64_t random, uint64_t row)
{
    (void)row;
    column_append_i64(column, (int64_t)random);
}

static const Type INT32_TYPE = {.kind = TYPE_INT32};

static const struct {
    const char *name;
    const char *kind;
    Type type;
    AppendEdge append; /* NULL: spread over the whole range */
    bool is_required;
} EDGES[] = {
    {"edge_decimal5_5", "decimal", {.kind = TYPE_DECIMAL, .precision = 5, .scale = 5}, NULL, false},
    {"edge_decimal21", "decimal", {.kind = TYPE_DECIMAL, .precision = 21}, NULL, false},
    {"edge_decimal22_22",
     "decimal",
     {.kind = TYPE_DECIMAL, .precision = 22, .scale = 22},
     NULL,
     false},
    {"edge_decimal24_3",
     "decimal",
     {.kind = TYPE_DECIMAL, .precision = 24, .scale = 3},
     NULL,
     false},
    {"edge_decimal26", "decimal", {.kind = TYPE_DECIMAL, .precision = 26}, NULL, false},
    {"edge_decimal28_1",
     "decimal",
     {.kind = TYPE_DECIMAL, .precision = 28, .scale = 1},
     NULL,
     false},
    {"edge_decimal31_31",
     "decimal",
     {.kind = TYPE_DECIMAL, .precision = 31, .scale = 31},
     NULL,
     false},
    {"edge_decimal33_5",
     "decimal",
     {.kind = TYPE_DECIMAL, .precision = 33, .scale = 5},
     NULL,
     false},
    {"edge_decimal35", "decimal", {.kind = TYPE_DECIMAL, .precision = 35}, NULL, false},
    {"edge_decimal36_36",
     "decimal",
     {.kind = TYPE_DECIMAL, .precision = 36, .scale = 36},
     NULL,
     false},
    {"edge_decimal38_38",
     "decimal",
     {.kind = TYPE_DECIMAL, .precision = 38, .scale = 38},
     NULL,
     false},
    {"edge_date", "date", {.kind = TYPE_DATE}, append_date, false},
    {"edge_timestamp", "timestamp", {.kind = TYPE_TIMESTAMP}, append_moment, false},
    {"edge_timestamptz", "timestamptz", {.kind = TYPE_TIMESTAMPTZ}, append_moment, false},
    {"edge_double_nan", "double", {.kind = TYPE_DOUBLE}, append_nan, false},
    {"edge_double_some_nan", "double", {.kind = TYPE_DOUBLE}, append_some_nan, false},
    {"edge_float_some_nan", "float", {.kind = TYPE_FLOAT}, append_float_some_nan, false},
    {"edge_double_zero", "double", {.kind = TYPE_DOUBLE}, append_zero, false},
    {"edge_float_infinity", "float", {.kind = TYPE_FLOAT}, append_float_infinity, false},
    {"edge_bool_true", "bool", {.kind = TYPE_BOOL}, append_true, false},
    {"edge_text_empty", "text", {.kind = TYPE_TEXT}, append_empty, false},
    {"edge_text_long", "text", {.kind = TYPE_TEXT}, append_long_text, false},
    {"edge_text_last", "text", {.kind = TYPE_TEXT}, append_last_text, false},
    {"edge_text_prefix", "text", {.kind = TYPE_TEXT}, append_prefix_text, false},
    {"edge_text_fall_back", "text", {.kind = TYPE_TEXT}, append_fall_back_text, false},
    {"edge_binary_last", "binary", {.kind = TYPE_BINARY}, append_last_binary, false},
    {"edge_list_long",
     "int32",
     {.kind = TYPE_LIST, .element = &INT32_TYPE},
     append_long_list,
     false},
    {"_rivet_exported_at", "timestamptz", {.kind = TYPE_TIMESTAMPTZ}, append_clock, true},
    {"_rivet_row_hash", "int64", {.kind = TYPE_INT64}, append_hash, true},
};

void
row_set_add_edges(RowSet *set, unsigned null_percent)
{
    for (size_t e = 0; e < ARRAY_LENGTH(EDGES); e++) {
        size_t i = set->schema.column_count++;
        RowColumn *detail = &set->details[i];
        *detail = (RowColumn){
            .element = EDGES[e].type,
            .style = STYLE_SPREAD,
            .null_percent = EDGES[e].is_required ? 0 : null_percent,
            .append = EDGES[e].append,
        };
        snprintf(detail->name, sizeof(detail->name), "%s", EDGES[e].name);
        set->columns[i] = (ColumnSchema){
            .name = detail->name,
            .source_type = EDGES[e].kind,
            .type = EDGES[e].type,
            .is_required = EDGES[e].is_required,
            .is_exact = true,
        };
    }
}

void
row_set_keep_portable(RowSet *set)
{
    size_t kept = 0;

    for (size_t i = 0; i < set->schema.column_count; i++) {
        TypeKind kind = set->details[i].element.kind;
        bool is_list = set->columns[i].type.kind == TYPE_LIST;
        if (kind == TYPE_TIME || kind == TYPE_UUID)
            continue;
        set->details[kept] = set->details[i];
        set->columns[kept] = set->columns[i];
        set->columns[kept].name = set->details[kept].name;
        if (is_list && set->details[kept].append == NULL)
            set->columns[kept].type.element = &set->details[kept].element;
        kept++;
    }
    set->schema.column_count = kept;
}
