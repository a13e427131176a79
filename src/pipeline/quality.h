/* quality.h: the checks of `quality:`, over a whole result before anyone sees it.
 *
 * Checks   rows within bounds (also of no rows), share of NULLs per column, no value twice in a
 *          column. NULLs are no duplicates of each other (SQL's meaning). Values are compared by
 *          their canonical text, so every type can be checked.
 * Errors   quality_new: ERR_CONFIG for an unknown column. quality_check: ERR_CHECK with every issue
 *          in the message.
 * Source   spec: behaviour §15, README (Uniqueness check) */
#ifndef RIVET_PIPELINE_QUALITY_H
#define RIVET_PIPELINE_QUALITY_H

#include "batch/batch.h"
#include "config/config.h"

typedef struct Quality Quality;

/* config and schema must outlive it; memory_bytes is shared by the unique columns. */
MUST_USE bool quality_new(const QualityConfig *config, const Schema *schema, size_t memory_bytes,
                          Quality **out, Error *err);
MUST_USE bool quality_add(Quality *quality, const Batch *batch, Error *err);
/* ---- a result in chunks ---- */

/* Adds what `from` has seen of another chunk, and uses it up. */
MUST_USE bool quality_merge(Quality *quality, Quality *from, Error *err);
/* The NULLs seen so far as JSON, {"column":count}; the caller frees it. NULL: none are counted. */
char *quality_counts_json(const Quality *quality);
/* A chunk known by its rows and such a text only. ERR_STATE for a text that lacks a column. */
MUST_USE bool quality_add_counts(Quality *quality, uint64_t row_count, const char *counts_json,
                                 Error *err);

/* At the end of the result, once. */
MUST_USE bool quality_check(Quality *quality, Error *err);
void quality_free(Quality *quality); /* NULL is fine */

#endif
