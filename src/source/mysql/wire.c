#include "source/mysql/decode.h"

bool
my_wire_broken(const MyField *field, Error *err)
{
    if (field == NULL)
        return error_set(err, ERR_FORMAT, "the server's binary rows are malformed");
    return error_set(err, ERR_FORMAT, "column \"%s\" (%s): the server's binary value is malformed",
                     field->name, field->source_type);
}

bool
my_value_error(const MyField *field, Error *err, const char *what)
{
    return error_set(err, ERR_VALUE, "column \"%s\" (%s): %s; %s", field->name, field->source_type,
                     what, field->remedy);
}

/* Width of a length-encoded integer by its first byte. */
static size_t
prefix_bytes(uint8_t first)
{
    return first < 251 ? 1 : first == 252 ? 3 : first == 253 ? 4 : 9;
}

/* Without buffers bound, mysql_stmt_fetch leaves in each bind of the statement where the column
 * begins in the row (NULL: it is NULL) and how long its value is, both checked against the row's
 * end. */
const uint8_t *
my_wire_bytes(const MYSQL_STMT *stmt, size_t index, size_t *size_bytes)
{
    const MYSQL_BIND *bind = &stmt->bind[index];
    const uint8_t *at = bind->u.row_ptr;

    *size_bytes = bind->length_value;
    if (at == NULL || my_is_fixed(stmt->fields[index].type))
        return at;
    return at + prefix_bytes(at[0]);
}

static bool
too_large(const MyWire *wire, const MyField *field, size_t size_bytes, Error *err)
{
    return error_set(err, ERR_BUDGET,
                     "column \"%s\" (%s): a cell of %zu bytes is larger than the memory budget "
                     "allows (%zu bytes)",
                     field->name, field->source_type, size_bytes, wire->max_cell_bytes);
}

bool
my_wire_row(MyWire *wire, const MYSQL_STMT *stmt, Batch *batch, Error *err)
{
    size_t row_bytes = 1;

    for (size_t i = 0; i < wire->field_count; i++) {
        const MyField *field = &wire->fields[i];
        size_t size;
        const uint8_t *bytes = my_wire_bytes(stmt, i, &size);
        if (bytes == NULL) {
            column_append_null(&batch->columns[i]);
            continue;
        }
        if (UNLIKELY(size > wire->max_cell_bytes))
            return too_large(wire, field, size, err);
        if (UNLIKELY(!field->decode(wire, field, bytes, size, &batch->columns[i], err)))
            return false;
        row_bytes += size + 1;
    }
    batch_end_row(batch, row_bytes);
    return true;
}
