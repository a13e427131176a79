/* value_decode.h: the values of one data page or dictionary page, whatever their encoding.
 *
 * Shape    a cursor over the borrowed bytes of a page, read in batches of at most
 *          VALUE_BATCH_MAX. Values come out as
 *            BOOLEAN uint8_t · INT32 int32_t · INT64 int64_t · FLOAT float · DOUBLE double
 *            INT96, FIXED, BYTE_ARRAY: BytesView, valid until the next batch
 * Reads    PLAIN, PLAIN_DICTIONARY, RLE_DICTIONARY, RLE (BOOLEAN), DELTA_BINARY_PACKED,
 *          DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY, BYTE_STREAM_SPLIT
 * Memory   none that counts inside the page could inflate, but for DELTA_BYTE_ARRAY, whose
 *          values of one batch may grow up to batch_max_bytes.
 * Errors   ERR_FORMAT, ERR_UNSUPPORTED (encoding), ERR_BUDGET.
 * Source   spec: parquet §1.5 */
#ifndef RIVET_FORMAT_PARQUET_VALUE_DECODE_H
#define RIVET_FORMAT_PARQUET_VALUE_DECODE_H

#include "format/parquet/delta_read.h"
#include "format/parquet/format_types.h"
#include "format/parquet/hybrid_read.h"
#include "util/buffer.h"

enum { VALUE_BATCH_MAX = 1024 };

typedef struct ValueType {
    PhysicalType type;
    size_t fixed_bytes; /* FIXED: its length; else ignored */
} ValueType;

/* The values of a dictionary page; count of them, laid out as above. Owns body and values. */
typedef struct DictionaryValues {
    ValueType type;
    size_t count;
    void *values;
    uint8_t *body;
} DictionaryValues;

typedef struct ValueBytes {
    const uint8_t *bytes;
    size_t size_bytes;
    Encoding encoding;
    uint64_t max_values;                /* no stream inside may claim more */
    const DictionaryValues *dictionary; /* NULL when the column chunk has none */
    size_t batch_max_bytes;
} ValueBytes;

typedef struct ValueDecoder {
    const struct ValueDecoding *decoding;
    ValueType type;
    size_t width_bytes; /* of a value that is not a BYTE_ARRAY; BOOLEAN 0 */
    ValueBytes from;
    const uint8_t *at;
    const uint8_t *end;
    uint64_t position; /* PLAIN booleans: bits; BYTE_STREAM_SPLIT: values */
    uint64_t split_count;
    HybridReader hybrid;
    DeltaReader delta; /* integers, or lengths of suffixes */
    DeltaReader prefixes;
    Buffer scratch; /* bytes that views of the current batch point to */
    Buffer last;    /* DELTA_BYTE_ARRAY: the value before this batch */
} ValueDecoder;

/* A zeroed decoder, or one used before: its memory is kept. The dictionary must outlive it. */
MUST_USE bool value_decoder_open(ValueDecoder *decoder, ValueType type, const ValueBytes *from,
                                 Error *err);
/* Exactly count ≤ VALUE_BATCH_MAX values, or an error. */
MUST_USE bool value_decode(ValueDecoder *decoder, void *to, size_t count, Error *err);
/* Every value and every byte has been read. */
bool value_decoder_is_at_end(const ValueDecoder *decoder);
/* INT32 packed with deltas of more than 32 bits, which several readers refuse. */
bool value_decoder_has_wide_deltas(const ValueDecoder *decoder);
void value_decoder_release(ValueDecoder *decoder);

/* Bytes of one value as it comes out. */
size_t value_slot_bytes(PhysicalType type);

/* Decodes a dictionary page of count values; takes over body (from malloc), also on failure. */
MUST_USE bool dictionary_values_init(DictionaryValues *dictionary, ValueType type, uint8_t *body,
                                     size_t size_bytes, size_t count, Error *err);
void dictionary_values_release(DictionaryValues *dictionary); /* zeroed is fine */

#endif
