#include "source/postgres/wire.h"

#include "source/postgres/bytes.h"

static const uint8_t SIGNATURE[11] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xFF, '\r', '\n', 0};

/* Signature, int32 flags, int32 length of an extension that today's servers leave empty. */
enum { HEADER_BYTES = sizeof(SIGNATURE) + 8, TRAILER = -1 };

bool
pg_wire_broken(const PgField *field, Error *err)
{
    if (field == NULL)
        return error_set(err, ERR_FORMAT, "the server's binary rows are malformed");
    return error_set(err, ERR_FORMAT, "column \"%s\" (%s): the server's binary value is malformed",
                     field->name, field->source_type);
}

bool
pg_value_error(const PgField *field, Error *err, const char *what)
{
    return error_set(err, ERR_VALUE, "column \"%s\" (%s): %s; %s", field->name, field->source_type,
                     what, field->remedy);
}

static bool
refuse_large_cell(const PgWire *wire, const PgField *field, size_t size_bytes, Error *err)
{
    err->hint = "raise max_memory_mb";
    return error_set(err, ERR_BUDGET,
                     "column \"%s\" (%s): a cell of %zu bytes is larger than the memory budget "
                     "allows (%zu bytes)",
                     field->name, field->source_type, size_bytes, wire->max_cell_bytes);
}

bool
pg_wire_field(PgWire *wire, const PgField *field, const uint8_t *bytes, size_t size_bytes,
              Column *column, Error *err)
{
    if (bytes == NULL) {
        column_append_null(column);
        return true;
    }
    if (UNLIKELY(size_bytes > wire->max_cell_bytes))
        return refuse_large_cell(wire, field, size_bytes, err);
    return field->decode(wire, field, bytes, size_bytes, column, err);
}

/* Decodes the tuple's fields from *at on and moves it behind them. */
static bool
read_tuple(PgWire *wire, const uint8_t **at, const uint8_t *end, Batch *batch, Error *err)
{
    const uint8_t *p = *at;

    for (size_t i = 0; i < wire->field_count; i++) {
        if (UNLIKELY(end - p < 4))
            return pg_wire_broken(NULL, err);
        int32_t size = load_i32(p);
        p += 4;
        if (size == -1) {
            column_append_null(&batch->columns[i]);
            continue;
        }
        if (UNLIKELY(size < 0 || end - p < size))
            return pg_wire_broken(NULL, err);
        if (UNLIKELY(
                !pg_wire_field(wire, &wire->fields[i], p, (size_t)size, &batch->columns[i], err)))
            return false;
        p += size;
    }
    *at = p;
    return true;
}

static bool
skip_header(PgWire *wire, const uint8_t **at, const uint8_t *end, Error *err)
{
    if (end - *at < HEADER_BYTES || memcmp(*at, SIGNATURE, sizeof(SIGNATURE)) != 0)
        return pg_wire_broken(NULL, err);
    int32_t extension = load_i32(*at + HEADER_BYTES - 4);
    if (extension < 0 || end - *at - HEADER_BYTES < extension)
        return pg_wire_broken(NULL, err);
    *at += HEADER_BYTES + extension;
    wire->has_header = true;
    return true;
}

bool
pg_wire_message(PgWire *wire, const uint8_t *bytes, size_t size_bytes, Batch *batch, Error *err)
{
    const uint8_t *at = bytes;
    const uint8_t *end = bytes + size_bytes;

    if (UNLIKELY(!wire->has_header) && !skip_header(wire, &at, end, err))
        return false;
    while (at < end) {
        const uint8_t *tuple = at;
        if (UNLIKELY(end - at < 2 || wire->is_ended))
            return pg_wire_broken(NULL, err);
        int16_t field_count = load_i16(at);
        at += 2;
        if (field_count == TRAILER) {
            wire->is_ended = true;
            continue;
        }
        if (UNLIKELY(field_count < 0 || (size_t)field_count != wire->field_count))
            return pg_wire_broken(NULL, err);
        if (!read_tuple(wire, &at, end, batch, err))
            return false;
        batch_end_row(batch, (size_t)(at - tuple));
    }
    return true;
}
