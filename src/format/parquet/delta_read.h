/* delta_read.h: DELTA_BINARY_PACKED, alone or as the lengths in front of byte arrays.
 *
 * Shape    a cursor over borrowed bytes, read in any portions. Sums wrap around, as the format
 *          wants; a reader of INT32 keeps the low 32 bits.
 * Errors   ERR_FORMAT.
 * Source   spec: parquet §1.5 */
#ifndef RIVET_FORMAT_PARQUET_DELTA_READ_H
#define RIVET_FORMAT_PARQUET_DELTA_READ_H

#include "util/error.h"

typedef struct DeltaReader {
    const uint8_t *at; /* the next miniblock body, or the next block */
    const uint8_t *end;
    uint64_t miniblock_values;
    uint64_t miniblock_count; /* in a block */
    uint64_t value_left;      /* not read yet */
    bool is_at_first;         /* the first value is in the header */
    uint64_t last;
    uint64_t min_delta;
    const uint8_t *widths;
    uint64_t miniblock; /* of this block, the next to start */
    uint64_t miniblock_left;
    const uint8_t *packed;
    size_t packed_bytes;
    uint64_t packed_bit;
    unsigned width;
    unsigned width_max; /* widest miniblock so far */
} DeltaReader;

/* A stream that claims more than max_values is damaged. */
MUST_USE bool delta_reader_init(DeltaReader *reader, const uint8_t *bytes, size_t size_bytes,
                                uint64_t max_values, Error *err);
/* Exactly count values, or an error. */
MUST_USE bool delta_read(DeltaReader *reader, int64_t *to, size_t count, Error *err);

/* A stream of lengths: reads it to its end to learn where the bytes behind it start, how many
 * lengths there are and their sum; each is 0 … INT32_MAX. */
typedef struct DeltaLengths {
    uint64_t count;
    uint64_t sum;
    const uint8_t *end;
} DeltaLengths;
MUST_USE bool delta_measure_lengths(const uint8_t *bytes, size_t size_bytes, uint64_t max_values,
                                    DeltaLengths *out, Error *err);

#endif
