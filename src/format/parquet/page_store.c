#include "format/parquet/page_store.h"

#include <sys/mman.h>
#include <unistd.h>

/* The first slab is small for the sake of small exports; later ones ask for huge pages, because
 * faults of 4 KiB each would take longer than filling them. A page too large to share gets a slab
 * of its own. */
enum { FIRST_SLAB_BYTES = 1 << 20, SLAB_BYTES = 4 << 20, OWN_SLAB_BYTES = SLAB_BYTES / 2 };

/* Slabs to be opened are cut from a larger piece for the same reason. */
enum { FRESH_BYTES = 32 << 20 };

typedef struct PageSlab {
    struct PageSlab *next;
    size_t size; /* mapped, this header included */
    size_t used;
    bool is_opened; /* by page_store_open: never shared */
} PageSlab;

static void
unmap(PageSlab **list)
{
    PageSlab *slab = *list;

    *list = slab->next;
    munmap(slab, slab->size);
}

static size_t
whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

/* Huge pages are a wish; refusal changes nothing but speed. */
static uint8_t *
map_bytes(size_t size, bool wants_huge_pages)
{
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) {
        fputs("Error: out of memory\n", stderr);
        abort();
    }
    if (wants_huge_pages)
        madvise(bytes, size, MADV_HUGEPAGE);
    return bytes;
}

static PageSlab *
slab_at(uint8_t *bytes, size_t size)
{
    PageSlab *slab = (void *)bytes;

    *slab = (PageSlab){.size = size, .used = sizeof(*slab)};
    return slab;
}

/* Idle slabs that did not fit make room first, so that idle memory adds nothing to the peak. */
static void
trade_idle(PageStore *store, size_t size)
{
    size_t freed = 0;

    while (freed < size && store->idle_opened != NULL) {
        freed += store->idle_opened->size;
        unmap(&store->idle_opened);
    }
    while (freed < size && store->idle != NULL) {
        freed += store->idle->size;
        unmap(&store->idle);
    }
}

static PageSlab *
map_slab(PageStore *store, size_t size)
{
    size = whole_pages(size);
    trade_idle(store, size);
    return slab_at(map_bytes(size, size == SLAB_BYTES), size);
}

static void
drop_fresh(PageStore *store)
{
    if (store->fresh_bytes > 0)
        munmap(store->fresh, store->fresh_bytes);
    store->fresh_bytes = 0;
}

static PageSlab *
cut_slab(PageStore *store, size_t size)
{
    size = whole_pages(size);
    if (size > OWN_SLAB_BYTES)
        return map_slab(store, size);
    trade_idle(store, size);
    if (store->fresh_bytes < size) {
        drop_fresh(store);
        store->fresh = map_bytes(FRESH_BYTES, true);
        store->fresh_bytes = FRESH_BYTES;
    }
    PageSlab *slab = slab_at(store->fresh, size);
    store->fresh += size;
    store->fresh_bytes -= size;
    return slab;
}

static PageSlab *
next_slab(PageStore *store)
{
    PageSlab *slab = store->idle;

    if (slab == NULL)
        return map_slab(store, store->used == NULL ? FIRST_SLAB_BYTES : SLAB_BYTES);
    store->idle = slab->next;
    return slab;
}

/* Behind the one that is still being filled. */
static void
add_behind_first(PageStore *store, PageSlab *slab)
{
    PageSlab **link = store->used == NULL ? &store->used : &store->used->next;

    slab->next = *link;
    *link = slab;
}

static void
add_slab(PageStore *store, size_t need_bytes)
{
    if (need_bytes > OWN_SLAB_BYTES) {
        add_behind_first(store, map_slab(store, need_bytes + sizeof(PageSlab)));
        return;
    }
    do {
        PageSlab *slab = next_slab(store);
        slab->next = store->used;
        store->used = slab;
    } while (store->used->size - store->used->used < need_bytes);
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

/* An idle slab that was opened before, unless most of it would lie idle again. */
static PageSlab *
find_opened(PageStore *store, size_t size)
{
    for (PageSlab **link = &store->idle_opened; *link != NULL; link = &(*link)->next) {
        PageSlab *slab = *link;
        if (slab->size < size || slab->size / 2 > size)
            continue;
        *link = slab->next;
        return slab;
    }
    return NULL;
}

uint8_t *
page_store_open(PageStore *store, size_t *size_bytes)
{
    size_t size = *size_bytes + sizeof(PageSlab);
    PageSlab *slab = find_opened(store, size);

    if (slab == NULL)
        slab = cut_slab(store, size);
    slab->is_opened = true;
    slab->used = slab->size; /* closed to page_store_take, also as the first of the list */
    *size_bytes = slab->size - sizeof(*slab);
    return (uint8_t *)(slab + 1);
}

static PageSlab *
slab_of(uint8_t *opened)
{
    return (PageSlab *)(void *)opened - 1;
}

void
page_store_keep(PageStore *store, uint8_t *opened)
{
    add_behind_first(store, slab_of(opened));
}

void
page_store_give_back(PageStore *store, uint8_t *opened)
{
    PageSlab *slab = slab_of(opened);

    slab->next = store->idle_opened;
    store->idle_opened = slab;
    if (slab->size > SLAB_BYTES)
        unmap(&store->idle_opened);
}

void
page_store_reset(PageStore *store)
{
    while (store->used != NULL) {
        PageSlab *slab = store->used;
        if (slab->size > SLAB_BYTES) {
            unmap(&store->used);
            continue;
        }
        PageSlab **idle = slab->is_opened ? &store->idle_opened : &store->idle;
        store->used = slab->next;
        slab->used = sizeof(*slab);
        slab->next = *idle;
        *idle = slab;
    }
}

void
page_store_release(PageStore *store)
{
    while (store->used != NULL)
        unmap(&store->used);
    while (store->idle != NULL)
        unmap(&store->idle);
    while (store->idle_opened != NULL)
        unmap(&store->idle_opened);
    drop_fresh(store);
    *store = (PageStore){0};
}
