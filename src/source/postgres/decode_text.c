#include "batch/render.h"
#include "source/postgres/bytes.h"
#include "source/postgres/decode.h"
#include "source/utf8.h"

static bool
take_invalid_text(PgWire *wire, const PgField *field, const uint8_t *bytes, size_t size_bytes,
                  Column *column, Error *err)
{
    Buffer clean = {0};

    if (field->invalid_utf8 == UTF8_ERROR) {
        err->hint =
            "invalid_utf8: replace puts U+FFFD in place of such bytes and counts the values";
        return pg_value_error(field, err, "a text is not valid UTF-8");
    }
    wire->counts->invalid_utf8++;
    utf8_replace_invalid(bytes, size_bytes, &clean);
    bool ok = column_append_bytes(column, clean.data, clean.size, err);
    buffer_release(&clean);
    return ok;
}

PG_DECODER(pg_decode_text)
{
    if (UNLIKELY(wire->checks_utf8) && !utf8_is_valid(bytes, size_bytes))
        return take_invalid_text(wire, field, bytes, size_bytes, column, err);
    return column_append_bytes(column, bytes, size_bytes, err);
}

PG_DECODER(pg_decode_binary)
{
    (void)wire;
    (void)field;
    return column_append_bytes(column, bytes, size_bytes, err);
}

PG_DECODER(pg_decode_jsonb_binary)
{
    if (size_bytes < 1 || bytes[0] != 1)
        return pg_wire_broken(field, err);
    return pg_decode_binary(wire, field, bytes + 1, size_bytes - 1, column, err);
}

PG_DECODER(pg_decode_binary_text)
{
    if (!utf8_is_valid(bytes, size_bytes))
        return take_invalid_text(wire, field, bytes, size_bytes, column, err);
    return column_append_bytes(column, bytes, size_bytes, err);
}

PG_DECODER(pg_decode_binary_uuid)
{
    (void)wire;
    if (size_bytes != 16)
        return pg_value_error(field, err, "a value is not 16 bytes long");
    column_append_fixed16(column, bytes);
    return true;
}

/* One byte of no encoding: 0 is the empty text, the upper half is shown in octal, as PostgreSQL 16
 * does. */
PG_DECODER(pg_decode_char)
{
    char octal[8];

    (void)wire;
    if (size_bytes != 1)
        return pg_wire_broken(field, err);
    if (bytes[0] < 0x80)
        return column_append_bytes(column, bytes, bytes[0] == 0 ? 0 : 1, err);
    int length = snprintf(octal, sizeof(octal), "\\%03o", bytes[0]);
    return column_append_bytes(column, octal, (size_t)length, err);
}

/* A version byte, then the text. */
PG_DECODER(pg_decode_jsonb)
{
    if (UNLIKELY(size_bytes < 1 || bytes[0] != 1))
        return pg_wire_broken(field, err);
    return pg_decode_text(wire, field, bytes + 1, size_bytes - 1, column, err);
}

PG_DECODER(pg_decode_uuid)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 16))
        return pg_wire_broken(field, err);
    column_append_fixed16(column, bytes);
    return true;
}

PG_DECODER(pg_decode_uuid_text)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 16))
        return pg_wire_broken(field, err);
    uint8_t *to = column_reserve_bytes(column, 36, err);
    if (to == NULL)
        return false;
    column_commit_bytes(column, render_uuid(bytes, (char *)to));
    return true;
}
