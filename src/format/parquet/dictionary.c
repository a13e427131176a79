#include "format/parquet/dictionary.h"

#include <xxhash.h>

#include "format/parquet/bits.h"
#include "format/parquet/encode_plain.h"
#include "util/memory.h"

enum {
    ID_BITS = 18,                         /* id + 1 of DICTIONARY_ENTRIES_MAX entries */
    TAG_SHIFT = 64 - 20 - (32 - ID_BITS), /* below the bits that index the largest table */
    FIRST_SLOT_BITS = 10,
    RANGE_MAX = 1 << 16,
    RANGE_SAMPLE = 256, /* values that decide whether a column's range is narrow */
    PREFETCH_BLOCK = 64,
    PREFETCH_SLOTS = 1 << 16, /* tables from here on miss the second-level cache */
    SHORT_BYTES = 16,
};

#define MULTIPLIER   UINT64_C(0x9E3779B97F4A7C15)
#define MULTIPLIER_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define ID_MASK      ((UINT32_C(1) << ID_BITS) - 1)

void
dictionary_init(Dictionary *dictionary, const LeafLayout *layout, const WriterSettings *settings)
{
    *dictionary = (Dictionary){.layout = layout, .settings = settings};
}

void
dictionary_reset(Dictionary *dictionary)
{
    free(dictionary->by_value);
    dictionary->by_value = NULL;
    /* The next chunk may need a small table only, and a large empty one is slow. */
    free(dictionary->slots);
    dictionary->slots = NULL;
    dictionary->slot_count = 0;
    dictionary->entry_count = 0;
    dictionary->page_bytes = 0;
    buffer_reset(&dictionary->entries);
    buffer_reset(&dictionary->starts);
}

void
dictionary_release(Dictionary *dictionary)
{
    free(dictionary->by_value);
    free(dictionary->slots);
    buffer_release(&dictionary->entries);
    buffer_release(&dictionary->starts);
    dictionary_init(dictionary, dictionary->layout, dictionary->settings);
}

bool
dictionary_is_for(const LeafLayout *layout)
{
    return layout->storage != STORAGE_BOOL && layout->storage != STORAGE_FIXED16 &&
           strcmp(layout->column->name, META_ROW_HASH) != 0;
}

static inline uint64_t
fold(uint64_t a, uint64_t b)
{
    UInt128 product = (UInt128)a * b;

    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* Key i of an array of width-byte integers. Callers pass a constant width, so each of them becomes
 * a loop of its own. */
static inline __attribute__((always_inline)) UInt128
load_key(const void *keys, size_t i, size_t width)
{
    return width == sizeof(uint32_t)   ? ((const uint32_t *)keys)[i]
           : width == sizeof(uint64_t) ? ((const uint64_t *)keys)[i]
                                       : ((const UInt128 *)keys)[i];
}

static inline __attribute__((always_inline)) uint64_t
hash_key(UInt128 key, size_t width)
{
    return width <= sizeof(uint64_t)
               ? (uint64_t)key * MULTIPLIER
               : fold((uint64_t)key ^ MULTIPLIER, (uint64_t)(key >> 64) ^ MULTIPLIER_2);
}

/* Bytes 0 to 7 and 8 to 15 of a value of up to 16 bytes. Masks instead of branches on the length:
 * lengths of text vary too much to be predicted. */
#define MASK(bytes) ((bytes) >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * ((bytes)&7))) - 1)
#define MASKS(m)                                                                                   \
    m(0), m(1), m(2), m(3), m(4), m(5), m(6), m(7), m(8), m(9), m(10), m(11), m(12), m(13), m(14), \
        m(15), m(16)
#define HEAD_MASK(size) MASK(size)
#define TAIL_MASK(size) ((size) <= 8 ? 0 : MASK((size)-8))
static const uint64_t HEAD_MASKS[SHORT_BYTES + 1] = {MASKS(HEAD_MASK)};
static const uint64_t TAIL_MASKS[SHORT_BYTES + 1] = {MASKS(TAIL_MASK)};

/* Reads 16 bytes, also behind a shorter value: columns and entries have the slack for it. */
static inline uint64_t
hash_bytes(const uint8_t *bytes, size_t size)
{
    if (UNLIKELY(size > SHORT_BYTES))
        return XXH3_64bits(bytes, size);
    uint64_t head = bits_load_u64(bytes) & HEAD_MASKS[size];
    uint64_t tail = bits_load_u64(bytes + sizeof(head)) & TAIL_MASKS[size];
    return fold(head ^ MULTIPLIER, tail ^ MULTIPLIER_2 ^ size) * MULTIPLIER;
}

static inline bool
is_same_bytes(const uint8_t *a, const uint8_t *b, size_t size)
{
    if (UNLIKELY(size > SHORT_BYTES))
        return memcmp(a, b, size) == 0;
    return (((bits_load_u64(a) ^ bits_load_u64(b)) & HEAD_MASKS[size]) |
            ((bits_load_u64(a + 8) ^ bits_load_u64(b + 8)) & TAIL_MASKS[size])) == 0;
}

static inline uint32_t
tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> TAG_SHIFT) << ID_BITS;
}

static const uint8_t *
bytes_entry(const Dictionary *dictionary, size_t id, uint32_t *size)
{
    const uint32_t *starts = (const void *)dictionary->starts.data;
    const uint8_t *entry = dictionary->entries.data + starts[id];

    memcpy(size, entry, PLAIN_LENGTH_BYTES);
    return entry + PLAIN_LENGTH_BYTES;
}

/* When the table grows the hashes are made again: cheaper than keeping 8 bytes per entry. */
static uint64_t
hash_of_entry(const Dictionary *dictionary, size_t id)
{
    size_t width = dictionary->layout->stored_bytes;
    uint32_t size = 0;

    if (width > 0)
        return hash_key(load_key(dictionary->entries.data, id, width), width);
    const uint8_t *bytes = bytes_entry(dictionary, id, &size);
    return hash_bytes(bytes, size);
}

static void
fill_slots(Dictionary *dictionary)
{
    size_t mask = dictionary->slot_count - 1;

    for (size_t id = 0; id < dictionary->entry_count; id++) {
        uint64_t hash = hash_of_entry(dictionary, id);
        size_t at = hash >> (64 - dictionary->slot_bits);
        while (dictionary->slots[at] != 0)
            at = (at + 1) & mask;
        dictionary->slots[at] = tag_of(hash) | (uint32_t)(id + 1);
    }
}

static void
allocate_slots(Dictionary *dictionary, unsigned bits)
{
    free(dictionary->slots);
    dictionary->slot_bits = bits;
    dictionary->slot_count = (size_t)1 << bits;
    dictionary->slots = memory_alloc_zero(dictionary->slot_count, sizeof(uint32_t));
    fill_slots(dictionary);
}

static bool
fits_memory(const Dictionary *dictionary, size_t slot_count, size_t extra_bytes)
{
    return slot_count * sizeof(uint32_t) + dictionary->page_bytes + extra_bytes <=
           dictionary->settings->dictionary_memory_bytes;
}

/* Room for one more entry of `bytes` in PLAIN. Above a third full a table loses its speed, so it
 * doubles; where memory forbids that it may fill to a half. */
static bool
make_room(Dictionary *dictionary, size_t bytes)
{
    size_t count = dictionary->entry_count + 1;
    size_t slots = dictionary->slot_count;

    if (count > DICTIONARY_ENTRIES_MAX ||
        dictionary->page_bytes + bytes > dictionary->settings->dictionary_bytes)
        return false;
    if (dictionary->by_value != NULL || count * 3 <= slots)
        return true;
    if (!fits_memory(dictionary, slots * 2, bytes))
        return count * 2 <= slots;
    allocate_slots(dictionary, dictionary->slot_bits + 1);
    return true;
}

/* Values close to each other are looked up in an array: an index and no comparison. */
static void
start_range(Dictionary *dictionary, uint64_t lowest, uint64_t highest)
{
    size_t room = dictionary->settings->dictionary_memory_bytes / 2 / sizeof(uint32_t);
    size_t count = RANGE_MAX;

    while (count > room)
        count /= 2;
    if (highest - lowest >= count / 2)
        return;
    dictionary->range_count = count;
    dictionary->range_first = lowest - (count - (highest - lowest)) / 2;
    dictionary->by_value = memory_alloc_zero(count, sizeof(uint32_t));
}

static bool
is_out_of_range(const Dictionary *dictionary, uint64_t number)
{
    return number - dictionary->range_first >= dictionary->range_count;
}

static void
end_range(Dictionary *dictionary)
{
    unsigned bits = FIRST_SLOT_BITS;

    free(dictionary->by_value);
    dictionary->by_value = NULL;
    while ((size_t)1 << bits < dictionary->entry_count * 3)
        bits++;
    allocate_slots(dictionary, bits);
}

static size_t
free_slot(const Dictionary *dictionary, uint64_t hash)
{
    size_t mask = dictionary->slot_count - 1;
    size_t at = hash >> (64 - dictionary->slot_bits);

    while (dictionary->slots[at] != 0)
        at = (at + 1) & mask;
    return at;
}

static uint32_t
append_key(Dictionary *dictionary, const void *key, size_t width)
{
    if (!make_room(dictionary, dictionary->layout->encoded_bytes))
        return 0;
    buffer_append(&dictionary->entries, key, width);
    dictionary->page_bytes += dictionary->layout->encoded_bytes;
    return (uint32_t)++dictionary->entry_count;
}

/* The id + 1 of the key, of a new entry if need be; 0: no room for one. */
static inline __attribute__((always_inline)) uint32_t
find_key(Dictionary *dictionary, UInt128 key, uint64_t hash, size_t width)
{
    size_t mask = dictionary->slot_count - 1;
    uint32_t tag = tag_of(hash);
    uint32_t slot = 0;

    for (size_t at = hash >> (64 - dictionary->slot_bits); (slot = dictionary->slots[at]) != 0;
         at = (at + 1) & mask)
        if ((slot & ~ID_MASK) == tag &&
            load_key(dictionary->entries.data, (slot & ID_MASK) - 1, width) == key)
            return slot & ID_MASK;
    uint32_t id = append_key(dictionary, &key, width); /* little-endian: the low bytes come first */
    if (id != 0)
        dictionary->slots[free_slot(dictionary, hash)] = tag | id;
    return id;
}

static inline __attribute__((always_inline)) size_t
add_hashed(Dictionary *dictionary, const void *keys, size_t count, size_t width, uint32_t *ids)
{
    UInt128 last = 0;
    uint32_t id = 0;

    for (size_t i = 0; i < count; i++) {
        UInt128 key = load_key(keys, i, width);
        if (key != last || id == 0) { /* sorted keys come in runs */
            last = key;
            id = find_key(dictionary, key, hash_key(key, width), width);
            if (UNLIKELY(id == 0))
                return i;
        }
        ids[i] = id - 1;
    }
    return count;
}

/* Large tables: the slots of a whole block are on their way before the first is looked at. */
static inline __attribute__((always_inline)) size_t
add_prefetched(Dictionary *dictionary, const void *keys, size_t count, size_t width, uint32_t *ids)
{
    uint64_t hashes[PREFETCH_BLOCK];

    for (size_t start = 0; start < count; start += PREFETCH_BLOCK) {
        size_t n = size_min(count - start, PREFETCH_BLOCK);
        for (size_t i = 0; i < n; i++) {
            hashes[i] = hash_key(load_key(keys, start + i, width), width);
            __builtin_prefetch(&dictionary->slots[hashes[i] >> (64 - dictionary->slot_bits)]);
        }
        for (size_t i = 0; i < n; i++) {
            UInt128 key = load_key(keys, start + i, width);
            uint32_t id = find_key(dictionary, key, hashes[i], width);
            if (UNLIKELY(id == 0))
                return start + i;
            ids[start + i] = id - 1;
        }
    }
    return count;
}

/* Sign extension makes one range of the numbers around zero. */
static inline __attribute__((always_inline)) uint64_t
load_number(const void *keys, size_t i, size_t width)
{
    return width == sizeof(int32_t) ? (uint64_t)(int64_t)((const int32_t *)keys)[i]
                                    : ((const uint64_t *)keys)[i];
}

/* Stops early at the first value out of the range, too. */
static inline __attribute__((always_inline)) size_t
add_by_value(Dictionary *dictionary, const void *keys, size_t count, size_t width, uint32_t *ids)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = load_number(keys, i, width);
        uint64_t at = number - dictionary->range_first;
        if (UNLIKELY(at >= dictionary->range_count))
            return i;
        uint32_t id = dictionary->by_value[at];
        if (UNLIKELY(id == 0)) {
            id = append_key(dictionary, &number, width);
            if (id == 0)
                return i;
            dictionary->by_value[at] = id;
        }
        ids[i] = id - 1;
    }
    return count;
}

static inline __attribute__((always_inline)) void
choose_lookup(Dictionary *dictionary, const void *keys, size_t count, size_t width)
{
    int64_t lowest = INT64_MAX;
    int64_t highest = INT64_MIN;

    for (size_t i = 0; i < size_min(count, RANGE_SAMPLE); i++) {
        int64_t number = (int64_t)load_number(keys, i, width);
        lowest = number < lowest ? number : lowest;
        highest = number > highest ? number : highest;
    }
    start_range(dictionary, (uint64_t)lowest, (uint64_t)highest);
}

static inline __attribute__((always_inline)) size_t
add_keys(Dictionary *dictionary, const void *keys, size_t count, size_t width, uint32_t *ids)
{
    size_t done = 0;

    if (dictionary->entry_count == 0 && width <= sizeof(uint64_t))
        choose_lookup(dictionary, keys, count, width);
    if (dictionary->by_value != NULL) {
        done = add_by_value(dictionary, keys, count, width, ids);
        if (done == count || !is_out_of_range(dictionary, load_number(keys, done, width)))
            return done;
        end_range(dictionary);
    } else if (dictionary->slot_count == 0) {
        allocate_slots(dictionary, FIRST_SLOT_BITS);
    }
    keys = (const uint8_t *)keys + done * width;
    done += dictionary->slot_count < PREFETCH_SLOTS
                ? add_hashed(dictionary, keys, count - done, width, ids + done)
                : add_prefetched(dictionary, keys, count - done, width, ids + done);
    return done;
}

static uint32_t
append_bytes(Dictionary *dictionary, const uint8_t *bytes, uint32_t size)
{
    uint32_t start = (uint32_t)dictionary->entries.size;

    if (!make_room(dictionary, PLAIN_LENGTH_BYTES + (size_t)size))
        return 0;
    /* Hashing an entry again reads past its end. */
    buffer_reserve(&dictionary->entries, PLAIN_LENGTH_BYTES + (size_t)size + PLAIN_SLACK_BYTES);
    buffer_append(&dictionary->entries, &size, PLAIN_LENGTH_BYTES);
    buffer_append(&dictionary->entries, bytes, size);
    buffer_append(&dictionary->starts, &start, sizeof(start));
    dictionary->page_bytes += PLAIN_LENGTH_BYTES + (size_t)size;
    return (uint32_t)++dictionary->entry_count;
}

static inline uint32_t
find_bytes(Dictionary *dictionary, const uint8_t *bytes, uint32_t size, uint64_t hash)
{
    size_t mask = dictionary->slot_count - 1;
    uint32_t tag = tag_of(hash);
    uint32_t slot = 0;

    for (size_t at = hash >> (64 - dictionary->slot_bits); (slot = dictionary->slots[at]) != 0;
         at = (at + 1) & mask) {
        if ((slot & ~ID_MASK) != tag)
            continue;
        uint32_t entry_size = 0;
        const uint8_t *entry = bytes_entry(dictionary, (slot & ID_MASK) - 1, &entry_size);
        if (entry_size == size && is_same_bytes(entry, bytes, size))
            return slot & ID_MASK;
    }
    uint32_t id = append_bytes(dictionary, bytes, size);
    if (id != 0)
        dictionary->slots[free_slot(dictionary, hash)] = tag | id;
    return id;
}

static size_t
add_bytes(Dictionary *dictionary, const Column *column, size_t first, size_t count, uint32_t *ids)
{
    static const uint8_t NOTHING[SHORT_BYTES] = {0};
    const uint8_t *data = column->data == NULL ? NOTHING : column->data;
    const uint32_t *offsets = column->offsets + first;
    uint64_t hashes[PREFETCH_BLOCK];

    if (dictionary->slot_count == 0)
        allocate_slots(dictionary, FIRST_SLOT_BITS);
    for (size_t start = 0; start < count; start += PREFETCH_BLOCK) {
        size_t n = size_min(count - start, PREFETCH_BLOCK);
        for (size_t i = start; i < start + n; i++) {
            hashes[i - start] = hash_bytes(data + offsets[i], offsets[i + 1] - offsets[i]);
            __builtin_prefetch(
                &dictionary->slots[hashes[i - start] >> (64 - dictionary->slot_bits)]);
        }
        for (size_t i = start; i < start + n; i++) {
            uint32_t id = find_bytes(dictionary, data + offsets[i], offsets[i + 1] - offsets[i],
                                     hashes[i - start]);
            if (UNLIKELY(id == 0))
                return i;
            ids[i] = id - 1;
        }
    }
    return count;
}

size_t
dictionary_add(Dictionary *dictionary, const Column *column, size_t first, size_t count,
               uint32_t *ids)
{
    size_t width = dictionary->layout->stored_bytes;
    const uint8_t *keys = column->values;

    if (count == 0)
        return 0;
    if (width > 0)
        keys += first * width;
    switch (width) {
    case sizeof(uint32_t):
        return add_keys(dictionary, keys, count, sizeof(uint32_t), ids);
    case sizeof(uint64_t):
        return add_keys(dictionary, keys, count, sizeof(uint64_t), ids);
    case sizeof(UInt128):
        return add_keys(dictionary, keys, count, sizeof(UInt128), ids);
    default:
        return add_bytes(dictionary, column, first, count, ids);
    }
}

size_t
dictionary_expanded_bytes(const Dictionary *dictionary, const uint32_t *ids, size_t count)
{
    size_t total = 0;
    uint32_t size = 0;

    if (dictionary->layout->encoded_bytes > 0)
        return count * dictionary->layout->encoded_bytes;
    for (size_t i = 0; i < count; i++) {
        bytes_entry(dictionary, ids[i], &size);
        total += PLAIN_LENGTH_BYTES + (size_t)size;
    }
    return total;
}

static uint8_t *
put_entry(const Dictionary *dictionary, uint32_t id, uint8_t *to)
{
    size_t width = dictionary->layout->stored_bytes;
    size_t encoded = dictionary->layout->encoded_bytes;
    uint32_t size = 0;

    if (width == sizeof(Int128)) {
        plain_put_decimal(((const Int128 *)(const void *)dictionary->entries.data)[id], encoded,
                          to);
        return to + encoded;
    }
    if (width > 0) {
        memcpy(to, dictionary->entries.data + id * width, width);
        return to + width;
    }
    const uint8_t *bytes = bytes_entry(dictionary, id, &size);
    memcpy(to, bytes - PLAIN_LENGTH_BYTES, PLAIN_LENGTH_BYTES + (size_t)size);
    return to + PLAIN_LENGTH_BYTES + size;
}

uint8_t *
dictionary_expand(const Dictionary *dictionary, const uint32_t *ids, size_t count, uint8_t *to)
{
    for (size_t i = 0; i < count; i++)
        to = put_entry(dictionary, ids[i], to);
    return to;
}

void
dictionary_write_page(const Dictionary *dictionary, uint8_t *to)
{
    for (size_t id = 0; id < dictionary->entry_count; id++)
        to = put_entry(dictionary, (uint32_t)id, to);
}
