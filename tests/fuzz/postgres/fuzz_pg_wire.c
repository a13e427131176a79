/* fuzz_pg_wire: bytes as the rows of a COPY over a schema that the first bytes choose.
 *
 * Input   [policies] [column count] [a type per column], then either a raw message or, so that the
 *         decoders are reached, cells of [size] [bytes…] which are framed here.
 * Checks  whatever is accepted has as many rows in every column, and renders. */
#include "batch/render.h"
#include "source/postgres/types.h"

enum {
    COLUMNS_MAX = 8,
    ROWS_MAX = 64,
    CELL_BYTES_MAX = 1 << 16,
    OID_NUMERIC = 1700,
    OID_TEXT = 25
};

#define TYPMOD(p, s) ((int32_t)((p) << 16 | ((s)&0x7FF)) + 4)

static const struct {
    uint32_t oid;
    int32_t typmod;
} TYPES[] = {
    {16, -1},
    {17, -1},
    {18, -1},
    {20, -1},
    {21, -1},
    {23, -1},
    {25, -1},
    {26, -1},
    {114, -1},
    {700, -1},
    {701, -1},
    {1082, -1},
    {1083, -1},
    {1114, -1},
    {1184, -1},
    {1186, -1},
    {1266, -1},
    {OID_NUMERIC, -1},
    {OID_NUMERIC, TYPMOD(9, 2)},
    {OID_NUMERIC, TYPMOD(18, 6)},
    {OID_NUMERIC, TYPMOD(38, 0)},
    {OID_NUMERIC, TYPMOD(38, 38)},
    {OID_NUMERIC, TYPMOD(5, -3)},
    {2950, -1},
    {3802, -1},
};

typedef struct Input {
    const uint8_t *at;
    const uint8_t *end;
} Input;

static uint8_t
next_byte(Input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static TypeRules
choose_rules(uint8_t bits, const ColumnOverride *override)
{
    return (TypeRules){
        .types = bits & 1 ? TYPES_NATIVE : TYPES_PORTABLE,
        .is_text_output = (bits & 2) != 0,
        .infinity = (InfinityPolicy)(bits >> 2 & 1),
        .decimal_special = bits & 8 ? NULL_POLICY_NULL : NULL_POLICY_ERROR,
        .invalid_utf8 = bits & 16 ? UTF8_REPLACE : UTF8_ERROR,
        .overrides = override,
        .override_count = bits & 32 ? 1 : 0,
    };
}

static PgCatalogColumn
choose_column(uint8_t bits)
{
    size_t index = bits % ARRAY_LENGTH(TYPES);
    PgCatalogType type = {.oid = TYPES[index].oid,
                          .typmod = TYPES[index].typmod,
                          .name = "t",
                          .quoted_name = "t",
                          .output = "o",
                          .send = "s",
                          .kind = 'b',
                          .delimiter = ',',
                          .is_builtin = true};
    PgCatalogColumn column = {.declared = "declared", .type = type};

    if (bits >= 128) { /* an array of it */
        column.element = type;
        column.type.oid = 1;
        column.type.is_array = true;
        column.type.element_oid = type.oid;
    }
    return column;
}

/* Fields and schema in arena; 0 columns when an override does not fit. */
static size_t
choose_schema(Input *in, Arena *arena, PgField *fields, ColumnSchema *columns)
{
    static const char *const NAMES[COLUMNS_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    ColumnOverride override = {.column = "a", .precision = 20, .scale = 3};
    uint8_t bits = next_byte(in);
    size_t count = next_byte(in) % COLUMNS_MAX + 1;

    if (bits & 32)
        override.kind = (OverrideKind)(next_byte(in) % (OVERRIDE_DURATION_US + 1));
    const TypeRules rules = choose_rules(bits, &override);
    for (size_t i = 0; i < count; i++) {
        const PgCatalogColumn column = choose_column(next_byte(in));
        const char *warning = NULL;
        Error err = ERROR_INIT;
        if (!pg_choose_field(&column, NAMES[i], &rules, arena, &fields[i], &columns[i], &warning,
                             &err))
            return 0;
    }
    return count;
}

static void
append_i16(Buffer *out, int value)
{
    buffer_append_byte(out, (uint8_t)(value >> 8));
    buffer_append_byte(out, (uint8_t)value);
}

/* One tuple out of the input; cells of at most 127 bytes, 255 is NULL. */
static void
frame_tuple(Input *in, size_t column_count, Buffer *message)
{
    append_i16(message, (int)column_count);
    for (size_t i = 0; i < column_count; i++) {
        uint8_t size = next_byte(in);
        bool is_null = size == 255;
        size = (uint8_t)size_min(size & 127, (size_t)(in->end - in->at));
        append_i16(message, is_null ? -1 : 0);
        append_i16(message, is_null ? -1 : size);
        if (is_null)
            continue;
        buffer_append(message, in->at, size);
        in->at += size;
    }
}

static void
check_batch(const Batch *batch)
{
    Buffer text = {0};

    for (size_t i = 0; i < batch->column_count; i++) {
        const Column *column = &batch->columns[i];
        if (column->row_count != batch->row_count ||
            column->value_count + column->null_count != column->row_count)
            abort();
        for (size_t value = 0; value < column->value_count; value++) {
            buffer_reset(&text);
            render_value(column, value, &text);
        }
    }
    buffer_release(&text);
}

static void
read_rows(Input *in, PgWire *wire, Batch *batch)
{
    bool is_framed = (next_byte(in) & 3) != 0;
    Buffer message = {0};
    Error err = ERROR_INIT;
    bool ok = true;

    wire->has_header = is_framed;
    if (!is_framed)
        ok = pg_wire_message(wire, in->at, (size_t)(in->end - in->at), batch, &err);
    for (int row = 0; is_framed && ok && row < ROWS_MAX && in->at < in->end; row++) {
        buffer_reset(&message);
        frame_tuple(in, wire->field_count, &message);
        ok = pg_wire_message(wire, message.data, message.size, batch, &err);
    }
    if (ok)
        check_batch(batch);
    else if (err.code == ERR_NONE || err.message[0] == '\0')
        abort();
    buffer_release(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = {data, data + size};
    Arena arena = {0};
    PgField fields[COLUMNS_MAX];
    ColumnSchema columns[COLUMNS_MAX];
    PolicyCounts counts = {0};
    size_t count = choose_schema(&in, &arena, fields, columns);
    const Schema schema = {columns, count};
    PgWire wire = {.fields = fields,
                   .field_count = count,
                   .max_cell_bytes = CELL_BYTES_MAX,
                   .counts = &counts,
                   .checks_utf8 = size % 2 == 0,
                   .has_infinite_interval = size % 3 == 0};
    Batch batch;

    if (count > 0) {
        batch_init(&batch, &schema, ROWS_MAX, 1 << 20);
        read_rows(&in, &wire, &batch);
        batch_release(&batch);
    }
    arena_release(&arena);
    return 0;
}
