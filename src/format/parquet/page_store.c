#include "format/parquet/page_store.h"

#include <sys/mman.h>
#include <unistd.h>

/* Columns of small pages should not hold much address space, busy ones should not map often. */
enum { FIRST_SLAB_BYTES = 1 << 20, LATER_SLAB_BYTES = 4 << 20 };

typedef struct PageSlab {
    struct PageSlab *next;
    size_t size; /* mapped, this header included */
    size_t used;
} PageSlab;

static size_t
round_to_memory_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

static PageSlab *
map_slab(size_t usual_bytes, size_t need_bytes)
{
    size_t size = round_to_memory_pages(size_max(usual_bytes, need_bytes + sizeof(PageSlab)));
    PageSlab *slab = mmap(NULL, size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (slab == MAP_FAILED) {
        fputs("Error: out of memory\n", stderr);
        abort();
    }
    *slab = (PageSlab){.size = size, .used = sizeof(*slab)};
    return slab;
}

/* A page too large to share a slab gets its own, behind the one that is being filled. */
static PageSlab *
add_slab(PageStore *store, size_t need_bytes)
{
    PageSlab *first = store->head;
    PageSlab *slab = map_slab(first == NULL ? FIRST_SLAB_BYTES : LATER_SLAB_BYTES, need_bytes);

    if (first != NULL && need_bytes > LATER_SLAB_BYTES / 2) {
        slab->next = first->next;
        first->next = slab;
    } else {
        slab->next = first;
        store->head = slab;
    }
    return slab;
}

uint8_t *
page_store_take(PageStore *store, size_t size_bytes)
{
    PageSlab *slab = store->head;

    if (slab == NULL || slab->size - slab->used < size_bytes)
        slab = add_slab(store, size_bytes);
    uint8_t *bytes = (uint8_t *)slab + slab->used;
    slab->used += size_bytes;
    return bytes;
}

void
page_store_release(PageStore *store)
{
    while (store->head != NULL) {
        PageSlab *slab = store->head;
        store->head = slab->next;
        munmap(slab, slab->size);
    }
}
