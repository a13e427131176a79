/* bytes → numbers → hybrid runs, bitmaps or deltas → the reader's decoders: the same numbers. And
 * bytes → cut bounds: never past 64 bytes, never on the wrong side of the value, text stays text.
 */
#include "format/parquet/bounds.h"
#include "format/parquet/delta.h"
#include "format/parquet/delta_read.h"
#include "format/parquet/hybrid.h"
#include "format/parquet/hybrid_read.h"
#include "util/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPEATS_MAX = 40 };

static void
must(bool ok)
{
    if (!ok)
        abort();
}

/* Numbers of `width` bits, one per byte, some repeated. The caller frees them. */
static uint64_t *
numbers_of(const uint8_t *data, size_t size, unsigned width, size_t *count)
{
    uint64_t *numbers = memory_alloc((size + 1) * REPEATS_MAX * sizeof(*numbers));
    uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;

    *count = 0;
    for (size_t i = 0; i < size; i++) {
        uint64_t number = (data[i] * UINT64_C(0x9E3779B97F4A7C15)) >> (data[i] & 31);
        size_t repeats = data[i] >= 0xE0 ? (size_t)data[i] % REPEATS_MAX + 1 : 1;
        for (size_t r = 0; r < repeats; r++)
            numbers[(*count)++] = number & mask;
    }
    return numbers;
}

static void
check_hybrid(const uint64_t *numbers, size_t count, unsigned width, bool is_levels)
{
    uint32_t *values = memory_alloc(count * sizeof(*values));
    uint32_t *back = memory_alloc(count * sizeof(*back));
    uint8_t *levels = memory_alloc(count);
    uint8_t *bytes = memory_alloc(hybrid_bound_bytes(count, width));
    HybridReader reader;
    Error err = ERROR_INIT;

    for (size_t i = 0; i < count; i++) {
        values[i] = (uint32_t)numbers[i];
        levels[i] = (uint8_t)numbers[i];
    }
    uint8_t *end = is_levels ? hybrid_put_levels(levels, count, width, bytes)
                             : hybrid_put_u32(values, count, width, bytes);
    size_t size = (size_t)(end - bytes);
    must(hybrid_reader_init(&reader, bytes, size, width, &err));
    must(hybrid_read(&reader, back, count, &err) && hybrid_is_at_end(&reader));
    must(!reader.has_short_run);
    must(count == 0 || memcmp(values, back, count * sizeof(*values)) == 0);
    free(bytes);
    free(levels);
    free(back);
    free(values);
}

static void
check_bitmap(const uint8_t *data, size_t size)
{
    size_t words = size / 8 + 1;
    uint64_t *bits = memory_alloc_zero(words, sizeof(*bits));
    uint32_t *back = memory_alloc(size * 8 * sizeof(*back));
    uint8_t *bytes = memory_alloc(hybrid_bound_bytes(size * 8, 1));
    HybridReader reader;
    Error err = ERROR_INIT;

    /* 0x80 and above stand for eight equal bits, to reach uniform words. */
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bits)[i] = data[i] < 0x80 ? data[i] : data[i] & 1 ? 0xFF : 0;
    size_t count = size * 8 - (size == 0 ? 0 : data[0] % 8);
    uint8_t *end = hybrid_put_bitmap(bits, count, bytes);
    must(hybrid_reader_init(&reader, bytes, (size_t)(end - bytes), 1, &err));
    must(hybrid_read(&reader, back, count, &err) && hybrid_is_at_end(&reader));
    for (size_t i = 0; i < count; i++)
        must(back[i] == (bits[i / 64] >> (i % 64) & 1));
    free(bytes);
    free(back);
    free(bits);
}

static void
check_delta(const uint64_t *numbers, size_t count, bool is_narrow)
{
    int32_t *narrow = memory_alloc(count * sizeof(*narrow));
    int64_t *back = memory_alloc(count * sizeof(*back));
    uint8_t *bytes = memory_alloc(delta_bound_bytes(count, is_narrow ? 4 : 8));
    DeltaReader reader;
    Error err = ERROR_INIT;

    for (size_t i = 0; i < count; i++)
        narrow[i] = (int32_t)(uint32_t)numbers[i];
    uint8_t *end = is_narrow ? delta_put_i32(narrow, count, bytes)
                             : delta_put_i64((const int64_t *)numbers, count, bytes);
    must(delta_reader_init(&reader, bytes, (size_t)(end - bytes), count, &err));
    must(delta_read(&reader, back, count, &err));
    must(!is_narrow || reader.width_max <= 32);
    for (size_t i = 0; i < count; i++)
        must(is_narrow ? (int32_t)back[i] == narrow[i] : (uint64_t)back[i] == numbers[i]);
    free(bytes);
    free(back);
    free(narrow);
}

/* Bytes become code points of all lengths, the edges of each often. */
static size_t
text_of(const uint8_t *data, size_t size, uint8_t *text, size_t room)
{
    static const char *const POINTS[] = {"a",
                                         "~",
                                         "\x7F",
                                         "\xC2\x80",
                                         "\xDF\xBF",
                                         "\xE0\xA0\x80",
                                         "\xED\x9F\xBF",
                                         "\xEE\x80\x80",
                                         "\xEF\xBF\xBF",
                                         "\xF0\x90\x80\x80",
                                         "\xF4\x8F\xBF\xBF"};
    size_t length = 0;

    for (size_t i = 0; i < size && length + 4 <= room; i++) {
        const char *point = POINTS[data[i] % ARRAY_LENGTH(POINTS)];
        memcpy(text + length, point, strlen(point));
        length += strlen(point);
    }
    return length;
}

static bool
is_text(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = bytes[i] < 0x80 ? 1 : bytes[i] < 0xE0 ? 2 : bytes[i] < 0xF0 ? 3 : 4;
        if ((bytes[i] >= 0x80 && bytes[i] < 0xC2) || bytes[i] > 0xF4 || i + length > size)
            return false;
        for (size_t k = 1; k < length; k++)
            if ((bytes[i + k] & 0xC0) != 0x80)
                return false;
        if (bytes[i] == 0xED && bytes[i + 1] >= 0xA0)
            return false;
        i += length;
    }
    return true;
}

static void
check_bounds(const uint8_t *data, size_t size, bool as_text)
{
    uint8_t value[BOUNDS_KEPT_BYTES] = {0};
    uint8_t max[BOUNDS_KEPT_BYTES];

    if (as_text)
        size = text_of(data, size, value, sizeof(value));
    else
        memcpy(value, data, size = size_min(size, sizeof(value)));
    memcpy(max, value, sizeof(max));
    size_t max_size = size;
    size_t min_size = bounds_cut_min(value, size, as_text);
    must(min_size <= BOUNDS_MAX_BYTES && (!as_text || is_text(value, min_size)));
    if (!bounds_cut_max(max, &max_size, as_text))
        return;
    int order = memcmp(max, value, size_min(size, max_size));
    must(max_size <= BOUNDS_MAX_BYTES && (!as_text || is_text(max, max_size)));
    must(order > 0 || (order == 0 && max_size >= size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    unsigned kind = data[0] % 7;
    unsigned width = data[1] % 65;
    size_t count = 0;
    uint64_t *numbers = numbers_of(data + 2, size - 2, width, &count);

    if (kind == 0) {
        width = width % 32 + 1;
        for (size_t i = 0; i < count; i++)
            numbers[i] &= (UINT64_C(1) << width) - 1;
        check_hybrid(numbers, count, width, false);
    }
    if (kind == 1)
        check_bitmap(data + 2, size - 2);
    if (kind == 2 && width <= 2)
        check_hybrid(numbers, count, 2, true);
    if ((kind == 3 || kind == 4) && count > 0)
        check_delta(numbers, count, kind == 3);
    if (kind >= 5)
        check_bounds(data + 2, size - 2, kind == 5);
    free(numbers);
    return 0;
}
