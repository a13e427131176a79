/* The window over an object: which requests the reads make, and what they give. */
#include "../test.h"

#include "util/memory.h"
#include "util/read_ahead.h"

enum { WINDOW_BYTES = 4 << 20, OBJECT_BYTES = 10 << 20 };

typedef struct Store {
    size_t fetch_count;
    uint64_t offset; /* of the last fetch */
    size_t size_bytes;
    size_t lost_bytes; /* left out of what is sent */
    bool is_broken;
} Store;

static uint8_t
byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 31 + (offset >> 12));
}

static bool
fetch(void *context, uint64_t offset, size_t size_bytes, Buffer *out, Error *err)
{
    Store *store = context;

    store->fetch_count++;
    store->offset = offset;
    store->size_bytes = size_bytes;
    if (store->is_broken)
        return error_set(err, ERR_UNAVAILABLE, "the store is away");
    uint8_t *bytes = buffer_reserve(out, size_bytes);
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = byte_at(offset + i);
    out->size = size_bytes - store->lost_bytes;
    return true;
}

static const struct {
    uint64_t offset;
    size_t size_bytes;
    size_t fetch_count; /* by then */
    uint64_t fetch_offset;
    size_t fetch_bytes;
} READS[] = {
    {OBJECT_BYTES - 8, 8, 1, OBJECT_BYTES - 8, 8},
    {0, 4, 2, 0, WINDOW_BYTES},
    {WINDOW_BYTES - 4, 4, 2, 0, WINDOW_BYTES},
    {100, 0, 2, 0, WINDOW_BYTES},
    {WINDOW_BYTES - 4, 5, 3, WINDOW_BYTES - 4, WINDOW_BYTES},
    {WINDOW_BYTES - 5, 1, 4, WINDOW_BYTES - 5, WINDOW_BYTES},
    {1, 6 << 20, 5, 1, 6 << 20},
    {OBJECT_BYTES, 0, 5, 1, 6 << 20},
};

static void
reads_through_a_window(void **state)
{
    Store store = {0};
    ReadAhead object = {.fetch = fetch, .context = &store, .size_bytes = OBJECT_BYTES};
    uint8_t *bytes = memory_alloc(OBJECT_BYTES);
    Error err = ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(READS); i++) {
        assert_ok(read_ahead(&object, READS[i].offset, bytes, READS[i].size_bytes, &err), &err);
        assert_int_equal(store.fetch_count, READS[i].fetch_count);
        assert_int_equal(store.offset, READS[i].fetch_offset);
        assert_int_equal(store.size_bytes, READS[i].fetch_bytes);
        for (size_t at = 0; at < READS[i].size_bytes; at++)
            if (bytes[at] != byte_at(READS[i].offset + at))
                fail_msg("read %zu: another byte at %zu", i, at);
    }
    read_ahead_release(&object);
    free(bytes);
}

/* Nothing of a failure stays: the next read asks again. */
static void
asks_again_after_a_failure(void **state)
{
    Store store = {.is_broken = true};
    ReadAhead object = {.fetch = fetch, .context = &store, .size_bytes = OBJECT_BYTES};
    uint8_t byte = 0;
    Error err = ERROR_INIT;

    (void)state;
    assert_error(read_ahead(&object, 7, &byte, 1, &err), &err, ERR_UNAVAILABLE, "is away");
    store = (Store){.lost_bytes = 1};
    error_clear(&err);
    assert_error(read_ahead(&object, 7, &byte, 1, &err), &err, ERR_UNAVAILABLE,
                 "4194303 bytes instead of 4194304");
    store = (Store){0};
    error_clear(&err);
    assert_ok(read_ahead(&object, 7, &byte, 1, &err), &err);
    assert_int_equal(byte, byte_at(7));
    assert_int_equal(store.fetch_count, 1);
    read_ahead_release(&object);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_through_a_window),
        cmocka_unit_test(asks_again_after_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
