/* value_decoding.h: what an encoding implements; inside value_decode*.c only. */
#ifndef RIVET_FORMAT_PARQUET_VALUE_DECODING_H
#define RIVET_FORMAT_PARQUET_VALUE_DECODING_H

#include "format/parquet/value_decode.h"

typedef struct ValueDecoding {
    /* decoder->at … end are the page's bytes; checks what heads them. */
    bool (*open)(ValueDecoder *decoder, Error *err);
    bool (*read)(ValueDecoder *decoder, void *to, size_t count, Error *err);
    bool (*is_at_end)(const ValueDecoder *decoder);
} ValueDecoding;

extern const ValueDecoding VALUE_PLAIN_BYTES;
extern const ValueDecoding VALUE_DELTA_LENGTH;
extern const ValueDecoding VALUE_DELTA_BYTES;

bool value_open_nothing(ValueDecoder *decoder, Error *err);
bool value_is_at_last_byte(const ValueDecoder *decoder);

#endif
