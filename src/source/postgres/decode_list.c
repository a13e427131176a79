/* An array on the wire: int32 dimensions, int32 has-NULL, oid of the element; per dimension int32
 * size, int32 lower bound; then the elements, each with its int32 length. An empty array has no
 * dimension. Source: array_send. */
#include "source/postgres/bytes.h"
#include "source/postgres/decode.h"

enum { HEADER_BYTES = 12, DIMENSION_BYTES = 8 };

static bool
read_elements(PgWire *wire, const PgField *field, const uint8_t *bytes, const uint8_t *end,
              int32_t count, Column *element, Error *err)
{
    for (int32_t i = 0; i < count; i++) {
        if (end - bytes < 4)
            return pg_wire_broken(field, err);
        int32_t size = load_i32(bytes);
        bytes += 4;
        if (size < -1 || (size >= 0 && end - bytes < size))
            return pg_wire_broken(field, err);
        if (!pg_wire_field(wire, field->element, size < 0 ? NULL : bytes, (size_t)size, element,
                           err))
            return false;
        bytes += size < 0 ? 0 : size;
    }
    return bytes == end || pg_wire_broken(field, err);
}

PG_DECODER(pg_decode_list)
{
    int32_t count = 0;

    if (size_bytes < HEADER_BYTES)
        return pg_wire_broken(field, err);
    int32_t dimensions = load_i32(bytes);
    if (dimensions > 1)
        return pg_value_error(field, err, "an array of more than one dimension is no list");
    if (dimensions < 0 || load_u32(bytes + 8) != field->element_oid ||
        size_bytes < HEADER_BYTES + (size_t)dimensions * DIMENSION_BYTES)
        return pg_wire_broken(field, err);
    if (dimensions == 1)
        count = load_i32(bytes + HEADER_BYTES);
    const uint8_t *first = bytes + HEADER_BYTES + (size_t)dimensions * DIMENSION_BYTES;
    if (!read_elements(wire, field, first, bytes + size_bytes, count, column->element, err))
        return false;
    column_end_list(column);
    return true;
}
