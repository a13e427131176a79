#include "source/mysql/decode.h"
#include "source/utf8.h"

static bool
take_invalid_text(MyWire *wire, const MyField *field, const uint8_t *bytes, size_t size_bytes,
                  Column *column, Error *err)
{
    Buffer clean = {0};

    if (field->invalid_utf8 == UTF8_ERROR) {
        err->hint =
            "invalid_utf8: replace puts U+FFFD in place of such bytes and counts the values";
        return my_value_error(field, err, "a text is not valid UTF-8");
    }
    wire->counts->invalid_utf8++;
    utf8_replace_invalid(bytes, size_bytes, &clean);
    bool ok = column_append_bytes(column, clean.data, clean.size, err);
    buffer_release(&clean);
    return ok;
}

/* The server converts what has another character set, but sends utf8mb4 as it lies in the table. */
MY_DECODER(my_decode_text)
{
    if (UNLIKELY(!utf8_is_valid(bytes, size_bytes)))
        return take_invalid_text(wire, field, bytes, size_bytes, column, err);
    return column_append_bytes(column, bytes, size_bytes, err);
}

MY_DECODER(my_decode_binary)
{
    (void)wire;
    (void)field;
    return column_append_bytes(column, bytes, size_bytes, err);
}

MY_DECODER(my_decode_uuid)
{
    (void)wire;
    if (size_bytes != 16)
        return my_value_error(field, err, "a value is not 16 bytes long");
    column_append_fixed16(column, bytes);
    return true;
}

/* Four bytes of SRID, then the WKB as it is stored (longitude before latitude, whatever the
 * reference system says). */
MY_DECODER(my_decode_geometry)
{
    enum { SRID_BYTES = 4 };

    (void)wire;
    if (size_bytes < SRID_BYTES)
        return my_wire_broken(field, err);
    return column_append_bytes(column, bytes + SRID_BYTES, size_bytes - SRID_BYTES, err);
}

MY_TEXT_WRITER(my_write_bytes)
{
    (void)field;
    (void)err;
    buffer_append(out, bytes, size_bytes);
    return true;
}
