/* hybrid_read.h: the RLE / bit-packed hybrid of levels, dictionary ids and RLE booleans.
 *
 * Shape    a cursor over borrowed runs, read in any portions; memory does not depend on what runs
 *          claim. Runs of length zero are passed over; a last packed run may be shorter than its
 *          header says as long as its bytes hold the values asked for (some writers do not pad).
 * Errors   ERR_FORMAT.
 * Source   spec: parquet §1.4 */
#ifndef RIVET_FORMAT_PARQUET_HYBRID_READ_H
#define RIVET_FORMAT_PARQUET_HYBRID_READ_H

#include "util/error.h"

enum { HYBRID_WIDTH_MAX = 32 };

typedef struct HybridReader {
    const uint8_t *at; /* the next run header */
    const uint8_t *end;
    unsigned width;
    uint64_t run_left; /* values left in the run */
    bool is_packed;
    uint32_t run_value;
    const uint8_t *packed;
    size_t packed_bytes;
    uint64_t packed_bit;
    bool has_short_run; /* a packed run was cut off by the end of the bytes */
} HybridReader;

MUST_USE bool hybrid_reader_init(HybridReader *reader, const uint8_t *bytes, size_t size_bytes,
                                 unsigned width, Error *err);
/* Exactly count values, or an error. */
MUST_USE bool hybrid_read(HybridReader *reader, uint32_t *to, size_t count, Error *err);
/* No value is left but the padding of a last packed run. */
bool hybrid_is_at_end(const HybridReader *reader);

/* The same values packed the deprecated way of levels: MSB first, no headers. */
MUST_USE bool bit_packed_levels_read(const uint8_t *bytes, size_t size_bytes, unsigned width,
                                     uint64_t first, uint32_t *to, size_t count, Error *err);

#endif
