#include "format/parquet/bounds.h"

#include <math.h>

#include "format/parquet/encode_plain.h"
#include "util/memory.h"

#define SIGN_BIT_64 ((uint64_t)1 << 63)

static bool
is_bytes(BoundsOrder order)
{
    return order == BOUNDS_BYTES || order == BOUNDS_TEXT;
}

static bool
is_real(BoundsOrder order)
{
    return order == BOUNDS_F32 || order == BOUNDS_F64;
}

void
bounds_init(Bounds *bounds, BoundsOrder order)
{
    *bounds = (Bounds){0};
    if (is_bytes(order)) {
        bounds->bytes.min = memory_alloc(sizeof(BytesBound));
        bounds->bytes.max = memory_alloc(sizeof(BytesBound));
    }
}

void
bounds_reset(Bounds *bounds)
{
    bounds->is_set = false;
    bounds->nan_count = 0;
}

void
bounds_release(Bounds *bounds, BoundsOrder order)
{
    if (is_bytes(order)) {
        free(bounds->bytes.min);
        free(bounds->bytes.max);
    }
    *bounds = (Bounds){0};
}

static void
take_whole(Bounds *bounds, int64_t min, int64_t max)
{
    bounds->whole.min = bounds->is_set && bounds->whole.min < min ? bounds->whole.min : min;
    bounds->whole.max = bounds->is_set && bounds->whole.max > max ? bounds->whole.max : max;
    bounds->is_set = true;
}

static void
take_wide(Bounds *bounds, Int128 min, Int128 max)
{
    bounds->wide.min = bounds->is_set && bounds->wide.min < min ? bounds->wide.min : min;
    bounds->wide.max = bounds->is_set && bounds->wide.max > max ? bounds->wide.max : max;
    bounds->is_set = true;
}

static void
take_real(Bounds *bounds, double min, double max)
{
    bounds->real.min = bounds->is_set && bounds->real.min < min ? bounds->real.min : min;
    bounds->real.max = bounds->is_set && bounds->real.max > max ? bounds->real.max : max;
    bounds->is_set = true;
}

/* Four independent lanes: one would wait for its own last comparison. */
#define WHOLE_KERNEL(name, Value, view, to_order)                                                  \
    static void update_##name(Bounds *bounds, const Column *column, size_t first, size_t count)    \
    {                                                                                              \
        const Value *values = (const Value *)column->view + first;                                 \
        size_t i = 0;                                                                              \
        if (count == 0)                                                                            \
            return;                                                                                \
        Value min[4] = {values[0], values[0], values[0], values[0]};                               \
        Value max[4] = {values[0], values[0], values[0], values[0]};                               \
        for (; i + 4 <= count; i += 4) {                                                           \
            for (size_t lane = 0; lane < 4; lane++) {                                              \
                Value value = values[i + lane];                                                    \
                min[lane] = value < min[lane] ? value : min[lane];                                 \
                max[lane] = value > max[lane] ? value : max[lane];                                 \
            }                                                                                      \
        }                                                                                          \
        for (; i < count; i++) {                                                                   \
            min[0] = values[i] < min[0] ? values[i] : min[0];                                      \
            max[0] = values[i] > max[0] ? values[i] : max[0];                                      \
        }                                                                                          \
        for (size_t lane = 1; lane < 4; lane++) {                                                  \
            min[0] = min[lane] < min[0] ? min[lane] : min[0];                                      \
            max[0] = max[lane] > max[0] ? max[lane] : max[0];                                      \
        }                                                                                          \
        take_##to_order;                                                                           \
    }
WHOLE_KERNEL(bool, uint8_t, bools, whole(bounds, min[0], max[0]))
WHOLE_KERNEL(i32, int32_t, i32, whole(bounds, min[0], max[0]))
WHOLE_KERNEL(u32, uint32_t, values, whole(bounds, min[0], max[0]))
WHOLE_KERNEL(i64, int64_t, i64, whole(bounds, min[0], max[0]))
WHOLE_KERNEL(u64, uint64_t, values,
             whole(bounds, (int64_t)(min[0] ^ SIGN_BIT_64), (int64_t)(max[0] ^ SIGN_BIT_64)))
WHOLE_KERNEL(i128, Int128, i128, wide(bounds, min[0], max[0]))
#undef WHOLE_KERNEL

/* A NaN compares false with everything, so it never becomes a lane's bound. */
#define REAL_KERNEL(name, Value, Count, view)                                                      \
    static void update_##name(Bounds *bounds, const Column *column, size_t first, size_t count)    \
    {                                                                                              \
        enum { LANES = 16 / sizeof(Value) * 2 };                                                   \
        const Value *values = column->view + first;                                                \
        Value min[LANES];                                                                          \
        Value max[LANES];                                                                          \
        Count nans[LANES] = {0};                                                                   \
        size_t nan_count = 0;                                                                      \
        size_t i = 0;                                                                              \
        for (size_t lane = 0; lane < LANES; lane++) {                                              \
            min[lane] = (Value)INFINITY;                                                           \
            max[lane] = (Value)-INFINITY;                                                          \
        }                                                                                          \
        for (; i + LANES <= count; i += LANES) {                                                   \
            for (size_t lane = 0; lane < LANES; lane++) {                                          \
                Value value = values[i + lane];                                                    \
                min[lane] = value < min[lane] ? value : min[lane];                                 \
                max[lane] = value > max[lane] ? value : max[lane];                                 \
                nans[lane] += value != value;                                                      \
            }                                                                                      \
        }                                                                                          \
        for (; i < count; i++) {                                                                   \
            min[0] = values[i] < min[0] ? values[i] : min[0];                                      \
            max[0] = values[i] > max[0] ? values[i] : max[0];                                      \
            nans[0] += values[i] != values[i];                                                     \
        }                                                                                          \
        for (size_t lane = 0; lane < LANES; lane++) {                                              \
            min[0] = min[lane] < min[0] ? min[lane] : min[0];                                      \
            max[0] = max[lane] > max[0] ? max[lane] : max[0];                                      \
            nan_count += (size_t)nans[lane];                                                       \
        }                                                                                          \
        bounds->nan_count += (int64_t)nan_count;                                                   \
        if (nan_count < count)                                                                     \
            take_real(bounds, (double)min[0], (double)max[0]);                                     \
    }
REAL_KERNEL(f32, float, uint32_t, f32)
REAL_KERNEL(f64, double, uint64_t, f64)
#undef REAL_KERNEL

/* A value of the batch with what its order mostly depends on: its first 8 bytes as a number. */
typedef struct BytesValue {
    uint64_t prefix;
    const uint8_t *bytes;
    size_t size;
} BytesValue;

static inline BytesValue
bytes_value(const uint8_t *bytes, size_t size)
{
    uint64_t prefix;

    memcpy(&prefix, bytes, sizeof(prefix)); /* slack makes this legal behind the last value */
    prefix = __builtin_bswap64(prefix);
    if (size < sizeof(prefix))
        prefix = size == 0 ? 0 : prefix & ~(UINT64_MAX >> (8 * size));
    return (BytesValue){.prefix = prefix, .bytes = bytes, .size = size};
}

/* Of two values with equal prefixes. */
static int
compare_rest(const BytesValue *a, const BytesValue *b)
{
    size_t shared = size_min(a->size, b->size);
    int order = shared > 8 ? memcmp(a->bytes + 8, b->bytes + 8, shared - 8) : 0;

    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static inline bool
is_less(const BytesValue *a, const BytesValue *b)
{
    return a->prefix != b->prefix ? a->prefix < b->prefix : compare_rest(a, b) < 0;
}

static void
keep_bytes(BytesBound *bound, const uint8_t *bytes, size_t size)
{
    bound->size = size;
    memcpy(bound->bytes, bytes, size_min(size, BOUNDS_KEPT_BYTES));
}

static int
compare_kept(const BytesBound *kept, const uint8_t *bytes, size_t size)
{
    size_t shared = size_min(size_min(kept->size, size), BOUNDS_KEPT_BYTES);
    int order = memcmp(kept->bytes, bytes, shared);

    if (order != 0 || shared == BOUNDS_KEPT_BYTES)
        return order;
    return (kept->size > size) - (kept->size < size);
}

static void
take_bytes(Bounds *bounds, const uint8_t *min, size_t min_size, const uint8_t *max, size_t max_size)
{
    if (!bounds->is_set || compare_kept(bounds->bytes.min, min, min_size) > 0)
        keep_bytes(bounds->bytes.min, min, min_size);
    if (!bounds->is_set || compare_kept(bounds->bytes.max, max, max_size) < 0)
        keep_bytes(bounds->bytes.max, max, max_size);
    bounds->is_set = true;
}

/* Smallest and largest of some values of a slice. */
typedef struct BytesRange {
    BytesValue min, max;
} BytesRange;

static inline void
widen(BytesRange *range, const Column *column, size_t i)
{
    const uint32_t *offsets = column->offsets + i;
    BytesValue value = bytes_value(column->data + offsets[0], offsets[1] - offsets[0]);

    if (value.prefix <= range->min.prefix && is_less(&value, &range->min))
        range->min = value;
    if (value.prefix >= range->max.prefix && is_less(&range->max, &value))
        range->max = value;
}

static BytesRange
start_range(const Column *column, size_t i)
{
    const uint32_t *offsets = column->offsets + i;
    BytesValue value = bytes_value(column->data + offsets[0], offsets[1] - offsets[0]);

    return (BytesRange){.min = value, .max = value};
}

static void
take_range(Bounds *bounds, const BytesRange *range)
{
    take_bytes(bounds, range->min.bytes, range->min.size, range->max.bytes, range->max.size);
}

static void
take_empty(Bounds *bounds)
{
    take_bytes(bounds, (const uint8_t *)"", 0, (const uint8_t *)"", 0);
}

static void
update_bytes(Bounds *bounds, const Column *column, size_t first, size_t count)
{
    if (count == 0)
        return;
    if (column->data_size == 0) {
        take_empty(bounds);
        return;
    }
    BytesRange range = start_range(column, first);
    for (size_t i = 1; i < count; i++)
        widen(&range, column, first + i);
    take_range(bounds, &range);
}

void
bounds_update_picked(Bounds *bounds, const Column *column, size_t first, const uint16_t *picks,
                     size_t pick_count)
{
    if (pick_count == 0)
        return;
    if (column->data_size == 0) {
        take_empty(bounds);
        return;
    }
    BytesRange range = start_range(column, first + picks[0]);
    for (size_t i = 1; i < pick_count; i++)
        widen(&range, column, first + picks[i]);
    take_range(bounds, &range);
}

static void
update_nothing(Bounds *bounds, const Column *column, size_t first, size_t count)
{
    (void)bounds;
    (void)column;
    (void)first;
    (void)count;
}

BoundsUpdate
bounds_update_of(BoundsOrder order)
{
    static const BoundsUpdate UPDATES[] = {
        [BOUNDS_NONE] = update_nothing, [BOUNDS_BOOL] = update_bool,  [BOUNDS_I32] = update_i32,
        [BOUNDS_U32] = update_u32,      [BOUNDS_I64] = update_i64,    [BOUNDS_U64] = update_u64,
        [BOUNDS_I128] = update_i128,    [BOUNDS_F32] = update_f32,    [BOUNDS_F64] = update_f64,
        [BOUNDS_BYTES] = update_bytes,  [BOUNDS_TEXT] = update_bytes,
    };

    return UPDATES[order];
}

void
bounds_merge(Bounds *into, const Bounds *from, BoundsOrder order)
{
    into->nan_count += from->nan_count;
    if (!from->is_set)
        return;
    if (is_bytes(order))
        take_bytes(into, from->bytes.min->bytes, from->bytes.min->size, from->bytes.max->bytes,
                   from->bytes.max->size);
    else if (is_real(order))
        take_real(into, from->real.min, from->real.max);
    else if (order == BOUNDS_I128)
        take_wide(into, from->wide.min, from->wide.max);
    else
        take_whole(into, from->whole.min, from->whole.max);
}

void
bounds_copy(Bounds *to, const Bounds *from, BoundsOrder order)
{
    bounds_reset(to);
    bounds_merge(to, from, order);
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

int
bounds_compare_min(const Bounds *a, const Bounds *b, BoundsOrder order)
{
    if (is_bytes(order))
        return compare_kept(a->bytes.min, b->bytes.min->bytes, b->bytes.min->size);
    if (is_real(order))
        return COMPARE(a->real.min, b->real.min);
    if (order == BOUNDS_I128)
        return COMPARE(a->wide.min, b->wide.min);
    return COMPARE(a->whole.min, b->whole.min);
}

int
bounds_compare_max(const Bounds *a, const Bounds *b, BoundsOrder order)
{
    if (is_bytes(order))
        return compare_kept(a->bytes.max, b->bytes.max->bytes, b->bytes.max->size);
    if (is_real(order))
        return COMPARE(a->real.max, b->real.max);
    if (order == BOUNDS_I128)
        return COMPARE(a->wide.max, b->wide.max);
    return COMPARE(a->whole.max, b->whole.max);
}

static uint8_t
put_whole(int64_t value, BoundsOrder order, uint8_t *to)
{
    uint64_t bits = (uint64_t)value ^ (order == BOUNDS_U64 ? SIGN_BIT_64 : 0);
    uint8_t size = order == BOUNDS_BOOL ? 1 : order == BOUNDS_I32 || order == BOUNDS_U32 ? 4 : 8;

    memcpy(to, &bits, size); /* little-endian host, asserted in encode_plain.c */
    return size;
}

static uint8_t
put_real(double value, double zero, BoundsOrder order, uint8_t *to)
{
    double bound = value == 0 ? zero : value;
    float narrow = (float)bound;

    if (order == BOUNDS_F32)
        memcpy(to, &narrow, sizeof(narrow));
    else
        memcpy(to, &bound, sizeof(bound));
    return order == BOUNDS_F32 ? sizeof(narrow) : sizeof(bound);
}

static void
encode_bytes(const Bounds *bounds, bool is_text, EncodedBounds *out)
{
    const BytesBound *min = bounds->bytes.min;
    const BytesBound *max = bounds->bytes.max;
    size_t max_size = max->size;

    out->min_size = (uint8_t)bounds_cut_min(min->bytes, min->size, is_text);
    memcpy(out->min, min->bytes, out->min_size);
    out->is_min_exact = out->min_size == min->size;
    out->is_max_exact = max_size <= BOUNDS_MAX_BYTES;
    uint8_t room[BOUNDS_KEPT_BYTES];
    memcpy(room, max->bytes, size_min(max_size, BOUNDS_KEPT_BYTES));
    out->is_set = bounds_cut_max(room, &max_size, is_text);
    out->max_size = (uint8_t)max_size;
    if (out->is_set)
        memcpy(out->max, room, max_size);
}

void
bounds_encode(const Bounds *bounds, const LeafLayout *layout, EncodedBounds *out)
{
    BoundsOrder order = layout->bounds;

    *out = (EncodedBounds){.is_set = bounds->is_set, .is_min_exact = true, .is_max_exact = true};
    if (!bounds->is_set)
        return;
    if (is_bytes(order)) {
        encode_bytes(bounds, order == BOUNDS_TEXT, out);
    } else if (is_real(order)) {
        out->min_size = put_real(bounds->real.min, -0.0, order, out->min);
        out->max_size = put_real(bounds->real.max, 0.0, order, out->max);
    } else if (order == BOUNDS_I128) {
        plain_put_decimal(bounds->wide.min, layout->encoded_bytes, out->min);
        plain_put_decimal(bounds->wide.max, layout->encoded_bytes, out->max);
        out->min_size = out->max_size = (uint8_t)layout->encoded_bytes;
    } else {
        out->min_size = put_whole(bounds->whole.min, order, out->min);
        out->max_size = put_whole(bounds->whole.max, order, out->max);
    }
}

static bool
is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Largest start of a code point at or before `at`. */
static size_t
code_point_start(const uint8_t *bytes, size_t at)
{
    while (at > 0 && is_continuation(bytes[at]))
        at--;
    return at;
}

size_t
bounds_cut_min(const uint8_t *bytes, size_t size, bool is_text)
{
    if (size <= BOUNDS_MAX_BYTES)
        return size;
    return is_text ? code_point_start(bytes, BOUNDS_MAX_BYTES) : BOUNDS_MAX_BYTES;
}

static bool
raise_binary(uint8_t *bytes, size_t *size)
{
    while (*size > 0 && bytes[*size - 1] == 0xFF)
        (*size)--;
    if (*size == 0)
        return false;
    bytes[*size - 1]++;
    return true;
}

static uint32_t
decode_code_point(const uint8_t *bytes, size_t size)
{
    uint32_t code = size == 1 ? bytes[0] : bytes[0] & (0xFFU >> (size + 1));

    for (size_t i = 1; i < size; i++)
        code = code << 6 | (bytes[i] & 0x3F);
    return code;
}

static size_t
encode_code_point(uint32_t code, uint8_t *to)
{
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = size; i-- > 1; code >>= 6)
        to[i] = (uint8_t)(0x80 | (code & 0x3F));
    to[0] = (uint8_t)(size == 1 ? code : (0xF00U >> size & 0xFF) | code);
    return size;
}

/* Drops code points from the right until one can be replaced by its successor in place. */
static bool
raise_text(uint8_t *bytes, size_t *size)
{
    while (*size > 0) {
        size_t start = code_point_start(bytes, *size - 1);
        size_t old_length = *size - start;
        uint8_t encoded[4];
        *size = start;
        if (old_length > sizeof(encoded))
            continue; /* not UTF-8 */
        uint32_t next = decode_code_point(bytes + start, old_length) + 1;
        if (next == 0xD800)
            next = 0xE000;
        if (next > 0x10FFFF)
            continue;
        size_t length = encode_code_point(next, encoded);
        if (start + length > BOUNDS_MAX_BYTES)
            continue;
        memcpy(bytes + start, encoded, length);
        *size = start + length;
        return true;
    }
    return false;
}

bool
bounds_cut_max(uint8_t *bytes, size_t *size, bool is_text)
{
    if (*size <= BOUNDS_MAX_BYTES)
        return true;
    *size = bounds_cut_min(bytes, *size, is_text);
    return is_text ? raise_text(bytes, size) : raise_binary(bytes, size);
}
