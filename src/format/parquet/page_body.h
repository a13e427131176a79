/* page_body.h: the values of a finished page in their encoding.
 *
 * Input   values in PLAIN, booleans as one byte each (encode_plain.h); or dictionary ids.
 * Room    the bounds; functions return the byte after what they wrote.
 * Source  spec: parquet §1.4, §1.5 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_BODY_H
#define RIVET_FORMAT_PARQUET_PAGE_BODY_H

#include "format/parquet/layout.h"

size_t page_body_bound_bytes(const LeafLayout *layout, Encoding encoding, size_t values_bytes,
                             size_t count);
uint8_t *page_body_put(const LeafLayout *layout, Encoding encoding, const uint8_t *values,
                       size_t values_bytes, size_t count, uint8_t *to);

/* Width byte and ids; every id is below entry_count. */
size_t page_body_ids_bound_bytes(size_t count, size_t entry_count);
uint8_t *page_body_put_ids(const uint32_t *ids, size_t count, size_t entry_count, uint8_t *to);

/* Bits of an id: never 0, which some readers mistake for a missing stream. */
unsigned page_body_id_bits(size_t entry_count);

#endif
