/* page_store.h: finished pages of one column chunk, held until the row group is written.
 *
 * Shape   slabs obtained by mmap, so that untouched and released memory is the kernel's and not the
 *         allocator's; bytes handed out never move. One seam for a later store on disk: take
 *         bytes, fill them, read them in order, release all.
 * Threads the caller's lock guards page_store_take; filling the bytes needs none.
 * Source  spec: parquet §3.3 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_STORE_H
#define RIVET_FORMAT_PARQUET_PAGE_STORE_H

#include "util/base.h"

typedef struct PageStore {
    struct PageSlab *head;
} PageStore;

/* Room for size_bytes; what of it is never touched costs no memory. Ends the process when memory is
 * out. */
uint8_t *page_store_take(PageStore *store, size_t size_bytes);
void page_store_release(PageStore *store);

#endif
