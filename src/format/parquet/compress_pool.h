/* compress_pool.h: helper threads that compress finished pages, shared by all writers of a process.
 *
 * Life     make it before the writers that use it, free it after them. No pool means that every
 *          writer compresses on its own thread; the bytes of the files are the same.
 * Threads  helpers start with the first page; where none can be started the writers do the work.
 *          They block all signals. A writer's pages are with as many of them at once as it asked
 *          for, and wait in order of arrival.
 * Source   spec: parquet §4.5 */
#ifndef RIVET_FORMAT_PARQUET_COMPRESS_POOL_H
#define RIVET_FORMAT_PARQUET_COMPRESS_POOL_H

#include "util/base.h"

typedef struct CompressPool CompressPool;

/* NULL when helper_count is 0. */
CompressPool *compress_pool_new(size_t helper_count);
void compress_pool_free(CompressPool *pool); /* NULL is fine */

#endif
