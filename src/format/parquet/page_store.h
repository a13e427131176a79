/* page_store.h: the finished pages of a row group, held until it is written.
 *
 * Shape   slabs obtained by mmap, shared by all columns and used again for the next row group, so
 *         that neither the allocator's caches nor faults of fresh memory cost anything twice.
 *         Bytes handed out never move. One seam for a later store on disk: take bytes, fill them,
 *         read them in order, reset.
 * Opened  slabs of their own for pages that are stored as they were filled: open one, fill it, then
 *         keep it until the reset or give it back.
 * Threads the caller's lock guards all calls; filling the bytes needs none.
 * Source  spec: parquet §3.3 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_STORE_H
#define RIVET_FORMAT_PARQUET_PAGE_STORE_H

#include "util/base.h"

typedef struct PageStore {
    struct PageSlab *used; /* the one being filled first */
    struct PageSlab *idle;
    struct PageSlab *idle_opened;
    uint8_t *fresh; /* mapped, but not cut into slabs yet */
    size_t fresh_bytes;
} PageStore;

/* Room for size_bytes; what of it is never touched costs no memory. Ends the process when memory is
 * out. */
uint8_t *page_store_take(PageStore *store, size_t size_bytes);
/* Room for at least *size_bytes, which becomes what there is. The caller's until it is kept or
 * given back; page_store_release does not know it. */
uint8_t *page_store_open(PageStore *store, size_t *size_bytes);
void page_store_keep(PageStore *store, uint8_t *opened);
void page_store_give_back(PageStore *store, uint8_t *opened);
void page_store_reset(PageStore *store); /* no bytes, usual slabs kept */
void page_store_release(PageStore *store);

#endif
