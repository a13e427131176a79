/* row_hash.h: the value of _rivet_row_hash.
 *
 * Hash     the low 64 bits of XXH3-128 (seed 0) over the encoding of the row's cells in column
 *          order, as a signed number. Meta columns and the ordinal of dense chunks are no cells.
 * Encoding one cell after the other, no separator:
 *            NULL    1 byte   00
 *            value   1 byte   01
 *                    4 bytes  length of the text in bytes, little-endian
 *                    n bytes  the canonical text (render.h, as in an unquoted CSV cell)
 *            list    1 byte   02
 *                    4 bytes  number of elements, little-endian
 *                    the elements, each encoded as a cell
 *          A text of 2^32 - 1 bytes or more (hex of a binary of over 2 GiB) has ffffffff as its
 *          length, then 8 bytes of length, little-endian.
 *          So the row (7, NULL, {"a", NULL}) is
 *            01 01000000 37 | 00 | 02 02000000 01 01000000 61 00
 *          The tags and lengths make it injective: two rows of different cells have different
 *          encodings, also where texts hold zero bytes or a NULL stands beside an empty text.
 * Equality the texts depend on the value and its type family alone: not on `types`, the format,
 *          the batch or the source. Exceptions: json (both servers re-format it) and booleans,
 *          which MySQL stores as 0 and 1.
 * Frozen   by tests/golden/row_hash.json; a change would make old and new exports incomparable.
 * Source   spec: types §5 */
#ifndef RIVET_BATCH_ROW_HASH_H
#define RIVET_BATCH_ROW_HASH_H

#include "batch/batch.h"

/* Appends the hash of every row of the batch to hashes, an INT64 column; the cells are the first
 * column_count columns. */
void row_hash_batch(const Batch *batch, size_t column_count, Column *hashes);

#endif
