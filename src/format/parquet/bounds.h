/* bounds.h: smallest and largest value of a page or a column chunk.
 *
 * Order   as the column order TYPE_ORDER says: signed, unsigned, bytewise (BoundsOrder).
 * Floats  NaN is counted and never a bound; a zero minimum is written -0.0, a zero maximum +0.0.
 * Bytes   written bounds are cut to BOUNDS_MAX_BYTES: the minimum downwards, the maximum upwards,
 *         text between code points. For comparing, BOUNDS_KEPT_BYTES of each are kept.
 * Source  spec: parquet §1.7, §1.8 */
#ifndef RIVET_FORMAT_PARQUET_BOUNDS_H
#define RIVET_FORMAT_PARQUET_BOUNDS_H

#include "batch/column.h"
#include "format/parquet/layout.h"

enum { BOUNDS_MAX_BYTES = 64, BOUNDS_KEPT_BYTES = 256 };

typedef struct BytesBound {
    size_t size; /* of the value; the first BOUNDS_KEPT_BYTES of it are kept */
    uint8_t bytes[BOUNDS_KEPT_BYTES];
} BytesBound;

typedef struct Bounds {
    bool is_set;       /* at least one value that can be a bound was seen */
    int64_t nan_count; /* floats */
    union {
        struct {
            int64_t min, max; /* unsigned 64-bit values with the top bit flipped */
        } whole;
        struct {
            Int128 min, max;
        } wide;
        struct {
            double min, max;
        } real;
        struct {
            BytesBound *min, *max;
        } bytes;
    };
} Bounds;

/* As they go into the file: PLAIN without a length. */
typedef struct EncodedBounds {
    bool is_set;
    bool is_min_exact, is_max_exact;
    uint8_t min_size, max_size;
    uint8_t min[BOUNDS_MAX_BYTES], max[BOUNDS_MAX_BYTES];
} EncodedBounds;

/* Takes values [first, first + count) of a column into the bounds. */
typedef void (*BoundsUpdate)(Bounds *bounds, const Column *column, size_t first, size_t count);

void bounds_init(Bounds *bounds, BoundsOrder order);
void bounds_reset(Bounds *bounds);
void bounds_release(Bounds *bounds, BoundsOrder order);

/* Takes only the values first + picks[0 … pick_count) of a BYTES column. */
void bounds_update_picked(Bounds *bounds, const Column *column, size_t first, const uint16_t *picks,
                          size_t pick_count);

BoundsUpdate bounds_update_of(BoundsOrder order);
void bounds_merge(Bounds *into, const Bounds *from, BoundsOrder order);
void bounds_copy(Bounds *to, const Bounds *from, BoundsOrder order);

/* Comparisons of two set bounds as <0, 0, >0; 0 too where what is kept cannot tell. */
int bounds_compare_min(const Bounds *a, const Bounds *b, BoundsOrder order);
int bounds_compare_max(const Bounds *a, const Bounds *b, BoundsOrder order);

/* out->is_set is false when there is no value or no bound that could be written. */
void bounds_encode(const Bounds *bounds, const LeafLayout *layout, EncodedBounds *out);

/* Cuts in place to at most BOUNDS_MAX_BYTES. The maximum has no result, false, when every byte
 * or code point is already the largest one. *size may grow by no more than what was cut. */
size_t bounds_cut_min(const uint8_t *bytes, size_t size, bool is_text);
bool bounds_cut_max(uint8_t *bytes, size_t *size, bool is_text);

#endif
