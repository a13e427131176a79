/* dictionary.h: the distinct values of one column chunk, numbered in order of first appearance.
 *
 * Keys    compared by bits, so that NaN payloads and -0.0 stay what they are.
 * Table   open addressing with linear probing; a slot is 4 bytes, 14 bits of hash and 18 of
 *         id + 1, so that a table is half as large as with full hashes and stays in the cache
 *         longer. Integers of a narrow range are looked up by value instead. How an id is found
 *         never reaches the file.
 * Limits  bytes of the dictionary page, entries, and the memory of page and table. They depend on
 *         settings alone.
 * Source  spec: parquet §1.5, §3.2, §4.3 */
#ifndef RIVET_FORMAT_PARQUET_DICTIONARY_H
#define RIVET_FORMAT_PARQUET_DICTIONARY_H

#include "batch/column.h"
#include "format/parquet/layout.h"
#include "format/parquet/settings.h"
#include "util/buffer.h"

enum { DICTIONARY_ENTRIES_MAX = 1 << 17 };

typedef struct Dictionary {
    const LeafLayout *layout;
    const WriterSettings *settings;
    size_t entry_count;
    size_t page_bytes; /* of the entries in PLAIN */
    Buffer entries;    /* fixed width: as stored in a Column; bytes: as in the dictionary page */
    Buffer starts;     /* bytes: uint32_t offsets of the entries' lengths in entries */
    uint32_t *slots;   /* 0: empty */
    size_t slot_count; /* a power of two; 0: not allocated */
    unsigned slot_bits;
    uint32_t *by_value; /* ids + 1 of the values from range_first on; NULL: not in use */
    uint64_t range_first;
    size_t range_count;
} Dictionary;

void dictionary_init(Dictionary *dictionary, const LeafLayout *layout,
                     const WriterSettings *settings);
void dictionary_reset(Dictionary *dictionary); /* no entries, memory kept */
void dictionary_release(Dictionary *dictionary);

/* Booleans and uuids have none: one is smaller without, the other never repeats. */
bool dictionary_is_for(const LeafLayout *layout);

/* Writes the ids of values [first, first + count). Returns how many got one: fewer than count when
 * the next value would be a new entry past a limit. */
size_t dictionary_add(Dictionary *dictionary, const Column *column, size_t first, size_t count,
                      uint32_t *ids);

/* The values behind the ids, in PLAIN. Room: their bytes and PLAIN_SLACK_BYTES. */
size_t dictionary_expanded_bytes(const Dictionary *dictionary, const uint32_t *ids, size_t count);
uint8_t *dictionary_expand(const Dictionary *dictionary, const uint32_t *ids, size_t count,
                           uint8_t *to);

/* The body of the dictionary page, page_bytes of it and PLAIN_SLACK_BYTES of room. */
void dictionary_write_page(const Dictionary *dictionary, uint8_t *to);

#endif
