/* distinct.h: how many different values went by, in bounded memory.
 *
 * Method   every value becomes 128 bits of XXH3. They fill a buffer of memory_bytes; a full buffer
 *          is sorted and put aside in an unlinked file of TMPDIR; at the end all runs are merged.
 *          Two values are the same when all 128 bits agree: the first 64 make a candidate, the
 *          other 64 check it.
 * Memory   memory_bytes while adding; 64 KiB per run while merging.
 * Errors   ERR_IO when TMPDIR is full or cannot be written. */
#ifndef RIVET_PIPELINE_DISTINCT_H
#define RIVET_PIPELINE_DISTINCT_H

#include "util/error.h"

typedef struct Distinct Distinct;

Distinct *distinct_new(size_t memory_bytes);
MUST_USE bool distinct_add(Distinct *distinct, const void *bytes, size_t size_bytes, Error *err);
/* Adds what `from` was given, and uses it up. Before either is counted. */
MUST_USE bool distinct_merge(Distinct *distinct, Distinct *from, Error *err);
/* Values added beyond the first of their kind. Ends the adding. */
MUST_USE bool distinct_count_duplicates(Distinct *distinct, uint64_t *duplicates, Error *err);
void distinct_free(Distinct *distinct); /* NULL is fine */

#endif
