/* decode.h: the decoders of single fields; see MyDecoder in wire.h. */
#ifndef RIVET_SOURCE_MYSQL_DECODE_H
#define RIVET_SOURCE_MYSQL_DECODE_H

#include "source/mysql/wire.h"

#define MY_DECODER(name)                                                                           \
    bool name(MyWire *wire, const MyField *field, const uint8_t *bytes, size_t size_bytes,         \
              Column *column, Error *err)
#define MY_TEXT_WRITER(name)                                                                       \
    bool name(const MyField *field, const uint8_t *bytes, size_t size_bytes, Buffer *out,          \
              Error *err)

/* The number of the character set "binary". */
enum { MY_BINARY_CHARSET = 63 };

static inline bool
my_is_integer(enum enum_field_types type)
{
    return type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_INT24 ||
           type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG || type == MYSQL_TYPE_YEAR;
}

/* Values of these have no length before them. */
static inline bool
my_is_fixed(enum enum_field_types type)
{
    return my_is_integer(type) || type == MYSQL_TYPE_FLOAT || type == MYSQL_TYPE_DOUBLE;
}

static inline bool
my_is_moment(enum enum_field_types type)
{
    return type == MYSQL_TYPE_DATE || type == MYSQL_TYPE_DATETIME || type == MYSQL_TYPE_TIMESTAMP ||
           type == MYSQL_TYPE_TIME;
}

/* Texts and byte strings of any length. */
static inline bool
my_is_bytes(enum enum_field_types type)
{
    return type == MYSQL_TYPE_STRING || type == MYSQL_TYPE_VAR_STRING ||
           type == MYSQL_TYPE_VARCHAR || type == MYSQL_TYPE_TINY_BLOB || type == MYSQL_TYPE_BLOB ||
           type == MYSQL_TYPE_MEDIUM_BLOB || type == MYSQL_TYPE_LONG_BLOB ||
           type == MYSQL_TYPE_ENUM || type == MYSQL_TYPE_SET;
}

/* decode_number.c */
uint64_t my_load_integer(const MyField *field, const uint8_t *bytes, size_t size_bytes);
uint64_t my_load_bits(const uint8_t *bytes, size_t size_bytes); /* BIT, up to 8 bytes */
MY_DECODER(my_decode_integer_i32);                              /* integers by storage */
MY_DECODER(my_decode_integer_i64);
MY_DECODER(my_decode_integer_i128);
MY_DECODER(my_decode_tiny_bool); /* 0 or 1 */
MY_DECODER(my_decode_bit_bool);
MY_DECODER(my_decode_bit_i64);
MY_DECODER(my_decode_bit_i128);
MY_DECODER(my_decode_float);
MY_DECODER(my_decode_double);
MY_DECODER(my_decode_float_double);
MY_DECODER(my_decode_double_float); /* exactly */
MY_DECODER(my_decode_decimal);      /* into any decimal */
MY_TEXT_WRITER(my_write_integer);
MY_TEXT_WRITER(my_write_bit);
MY_TEXT_WRITER(my_write_bit_bool);
MY_TEXT_WRITER(my_write_float);
MY_TEXT_WRITER(my_write_double);

/* decode_time.c */
typedef struct MyMoment {
    unsigned year, month, day;     /* TIME: none */
    unsigned hour, minute, second; /* TIME: hour up to 838 */
    unsigned us;
    bool is_negative; /* TIME */
} MyMoment;

/* False for bytes or texts that are no value of the type. */
bool my_moment_load(enum enum_field_types type, const uint8_t *bytes, size_t size_bytes,
                    MyMoment *moment);
bool my_moment_parse(enum enum_field_types type, const char *text, MyMoment *moment);
MY_DECODER(my_decode_date);
MY_DECODER(my_decode_timestamp); /* DATETIME, TIMESTAMP */
MY_DECODER(my_decode_time);      /* within a day */
MY_DECODER(my_decode_time_us);   /* int64 microseconds, with sign */
MY_DECODER(my_decode_time_text);
MY_TEXT_WRITER(my_write_moment); /* as the server prints it, zero dates too */
MY_TEXT_WRITER(my_write_time);
/* Zero or partial: what the policy zero_dates is for. */
bool my_is_zero_date(const MyMoment *moment);
bool my_take_zero_date(MyWire *wire, const MyField *field, Column *column, Error *err);

/* decode_text.c */
MY_DECODER(my_decode_text); /* bytes that must be UTF-8 */
MY_DECODER(my_decode_binary);
MY_DECODER(my_decode_uuid);     /* bytes that must be 16 */
MY_DECODER(my_decode_geometry); /* WKB */
MY_TEXT_WRITER(my_write_bytes);

/* override.c */
MY_DECODER(my_decode_converted);  /* the value's text into the type an override asks for */
MY_DECODER(my_decode_json_text);  /* the value's text as a JSON string */
MY_DECODER(my_decode_plain_text); /* the value's text as it is */

#endif
