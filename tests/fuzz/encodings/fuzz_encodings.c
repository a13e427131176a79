/* Pages of any encoding from anywhere, and values through an encoder and back.
 *
 * Input: a byte that picks the test, a byte that picks type or width, then values or page bytes. */
#include "build.h"
#include "format/parquet/hybrid.h"
#include "format/parquet/value_decode.h"
#include "util/memory.h"

enum { VALUES_MAX = 4096, BATCH_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static const uint8_t DICTIONARY_BODY[] = {1, 0, 0, 0, 'a', 2, 0, 0, 0, 'b', 'c', 0, 0, 0, 0, 9};

static void
make_dictionary(DictionaryValues *dictionary, ValueType type)
{
    uint8_t *body = memory_alloc(sizeof(DICTIONARY_BODY));
    Error err = ERROR_INIT;
    size_t count = type.type == PHYSICAL_INT96 ? 1 : type.type == PHYSICAL_BYTE_ARRAY ? 3 : 2;

    memcpy(body, DICTIONARY_BODY, sizeof(DICTIONARY_BODY));
    if (!dictionary_values_init(dictionary, type, body, sizeof(DICTIONARY_BODY), count, &err) &&
        type.type != PHYSICAL_BOOLEAN)
        abort();
}

static void
touch(PhysicalType type, const BytesView *slots, size_t count)
{
    volatile uint8_t last = 0;

    if (type != PHYSICAL_BYTE_ARRAY && type != PHYSICAL_FIXED && type != PHYSICAL_INT96)
        return;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < slots[i].size; k++)
            last = (uint8_t)(last + slots[i].data[k]);
    }
}

static void
decode_page(uint8_t pick, const uint8_t *bytes, size_t size_bytes)
{
    static const size_t PORTIONS[] = {1, 1024, 7, 100};
    ValueType type = {(PhysicalType)(pick % 8), 5};
    DictionaryValues dictionary = {0};
    ValueDecoder decoder = {0};
    BytesView slots[VALUE_BATCH_MAX];
    Error err = ERROR_INIT;

    make_dictionary(&dictionary, type);
    ValueBytes from = {
        .bytes = bytes,
        .size_bytes = size_bytes,
        .encoding = (Encoding)(pick / 8 % ENCODING_COUNT),
        .max_values = VALUES_MAX,
        .dictionary = type.type == PHYSICAL_BOOLEAN ? NULL : &dictionary,
        .batch_max_bytes = BATCH_BYTES_MAX,
    };
    bool ok = value_decoder_open(&decoder, type, &from, &err);
    for (size_t read = 0, k = 0; ok && read < VALUES_MAX; k++) {
        size_t take = PORTIONS[k % ARRAY_LENGTH(PORTIONS)];
        ok = value_decode(&decoder, slots, take, &err);
        if (ok)
            touch(type.type, slots, take);
        read += take;
    }
    if (ok)
        value_decoder_is_at_end(&decoder);
    else if (err.code == ERR_NONE)
        abort();
    value_decoder_release(&decoder);
    dictionary_values_release(&dictionary);
}

static void
check_hybrid(uint8_t pick, const uint8_t *bytes, size_t size_bytes)
{
    unsigned width = 1 + pick % 32;
    size_t count = size_min(size_bytes / 4, VALUES_MAX);
    uint32_t values[VALUES_MAX];
    uint32_t got[VALUES_MAX];
    HybridReader reader;
    Error err = ERROR_INIT;

    if (count == 0)
        return;
    memcpy(values, bytes, count * 4);
    for (size_t i = 0; i < count; i++)
        values[i] &= width == 32 ? UINT32_MAX : (1U << width) - 1;
    uint8_t *runs = memory_alloc(hybrid_bound_bytes(count, width));
    size_t size = (size_t)(hybrid_put_u32(values, count, width, runs) - runs);
    if (!hybrid_reader_init(&reader, runs, size, width, &err) ||
        !hybrid_read(&reader, got, count, &err) || memcmp(values, got, count * 4) != 0 ||
        !hybrid_is_at_end(&reader) || reader.has_short_run)
        abort();
    free(runs);
}

static void
check_delta(uint8_t pick, const uint8_t *bytes, size_t size_bytes)
{
    bool is_wide = pick % 2 == 0;
    size_t count = size_min(size_bytes / 8, VALUES_MAX);
    int64_t values[VALUES_MAX];
    int64_t got[VALUES_MAX];
    Buffer stream = {0};
    DeltaReader reader;
    Error err = ERROR_INIT;

    memcpy(values, bytes, count * 8);
    for (size_t i = 0; i < count && !is_wide; i++)
        values[i] = (int32_t)(uint32_t)values[i];
    build_delta(&stream, values, count, is_wide ? 64 : 32);
    if (!delta_reader_init(&reader, stream.data, stream.size, count, &err) ||
        !delta_read(&reader, got, count, &err) || reader.at != reader.end)
        abort();
    for (size_t i = 0; i < count; i++) {
        if (is_wide ? got[i] != values[i] : (int32_t)(uint32_t)got[i] != values[i])
            abort();
    }
    buffer_release(&stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes < 2)
        return 0;
    if (bytes[0] % 4 == 0)
        check_hybrid(bytes[1], bytes + 2, size_bytes - 2);
    else if (bytes[0] % 4 == 1)
        check_delta(bytes[1], bytes + 2, size_bytes - 2);
    else
        decode_page(bytes[1], bytes + 2, size_bytes - 2);
    return 0;
}
