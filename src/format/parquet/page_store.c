#include "format/parquet/page_store.h"

#include <sys/mman.h>
#include <unistd.h>

/* The first slab is small for the sake of small exports; later ones ask for huge pages, because
 * faults of 4 KiB each would take longer than filling them. A page too large to share gets a slab
 * of its own. */
enum { FIRST_SLAB_BYTES = 1 << 20, SLAB_BYTES = 4 << 20, OWN_SLAB_BYTES = SLAB_BYTES / 2 };

typedef struct PageSlab {
    struct PageSlab *next;
    size_t size; /* mapped, this header included */
    size_t used;
} PageSlab;

static PageSlab *
map_slab(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    size = (size + page - 1) / page * page;
    PageSlab *slab = mmap(NULL, size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slab == MAP_FAILED) {
        fputs("Error: out of memory\n", stderr);
        abort();
    }
    if (size == SLAB_BYTES)
        madvise(slab, size, MADV_HUGEPAGE); /* a wish; refusal changes nothing but speed */
    *slab = (PageSlab){.size = size, .used = sizeof(*slab)};
    return slab;
}

static PageSlab *
next_slab(PageStore *store)
{
    PageSlab *slab = store->idle;

    if (slab == NULL)
        return map_slab(store->used == NULL ? FIRST_SLAB_BYTES : SLAB_BYTES);
    store->idle = slab->next;
    return slab;
}

static void
add_slab(PageStore *store, size_t need_bytes)
{
    PageSlab *first = store->used;

    if (need_bytes <= OWN_SLAB_BYTES) {
        do {
            PageSlab *slab = next_slab(store);
            slab->next = store->used;
            store->used = slab;
        } while (store->used->size - store->used->used < need_bytes);
        return;
    }
    PageSlab *own = map_slab(need_bytes + sizeof(*own));
    own->next = first == NULL ? NULL : first->next;
    if (first == NULL)
        store->used = own;
    else
        first->next = own; /* behind the one that is still being filled */
}

static uint8_t *
take_from(PageSlab *slab, size_t size_bytes)
{
    uint8_t *bytes = (uint8_t *)slab + slab->used;

    slab->used += size_bytes;
    return bytes;
}

uint8_t *
page_store_take(PageStore *store, size_t size_bytes)
{
    PageSlab *first = store->used;

    if (first != NULL && first->size - first->used >= size_bytes)
        return take_from(first, size_bytes);
    add_slab(store, size_bytes);
    bool is_own = size_bytes > OWN_SLAB_BYTES && first != NULL;
    return take_from(is_own ? first->next : store->used, size_bytes);
}

static void
unmap_all(PageSlab *slab)
{
    while (slab != NULL) {
        PageSlab *next = slab->next;
        munmap(slab, slab->size);
        slab = next;
    }
}

void
page_store_reset(PageStore *store)
{
    while (store->used != NULL) {
        PageSlab *slab = store->used;
        store->used = slab->next;
        if (slab->size > SLAB_BYTES) {
            munmap(slab, slab->size);
            continue;
        }
        slab->used = sizeof(*slab);
        slab->next = store->idle;
        store->idle = slab;
    }
}

void
page_store_release(PageStore *store)
{
    unmap_all(store->used);
    unmap_all(store->idle);
    *store = (PageStore){0};
}
