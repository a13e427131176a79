#include "cli/progress_share.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/memory.h"

static const char VARIABLE[] = "RIVET_PROGRESS_FD";

static void *
map(int fd, size_t count)
{
    void *pages =
        mmap(NULL, count * sizeof(ExportProgress), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

void
progress_share_open(ProgressShare *share, size_t count, bool is_for_children)
{
    *share = (ProgressShare){.count = count, .fd = -1};
    if (is_for_children)
        share->fd = memfd_create("rivet-progress", 0);
    if (share->fd >= 0 && ftruncate(share->fd, (off_t)(count * sizeof(ExportProgress))) == 0)
        share->items = map(share->fd, count);
    if (share->items != NULL)
        return;
    if (share->fd >= 0)
        close(share->fd);
    share->fd = -1;
    share->items = memory_alloc_zero(count, sizeof(*share->items));
}

void
progress_share_close(ProgressShare *share)
{
    if (share->fd >= 0) {
        munmap(share->items, share->count * sizeof(ExportProgress));
        close(share->fd);
    } else {
        free(share->items);
    }
    *share = (ProgressShare){.fd = -1};
}

const char *
progress_share_variable(const ProgressShare *share, size_t index, Arena *arena)
{
    if (share->fd < 0)
        return NULL;
    return arena_format(arena, "%s=%d:%zu", VARIABLE, share->fd, index);
}

/* Only a file of exactly whole items will do: the variable may come from anywhere. */
static ExportProgress *
map_inherited(int fd, size_t index)
{
    struct stat about;

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 0 ||
        about.st_size % (off_t)sizeof(ExportProgress) != 0)
        return NULL;
    size_t count = (size_t)about.st_size / sizeof(ExportProgress);
    ExportProgress *items = index < count ? map(fd, count) : NULL;
    return items == NULL ? NULL : &items[index];
}

ExportProgress *
progress_share_inherited(void)
{
    const char *text = getenv(VARIABLE);
    char *end = NULL;

    if (text == NULL)
        return NULL;
    long fd = strtol(text, &end, 10);
    if (end == text || *end != ':' || fd <= STDERR_FILENO || fd > INT32_MAX)
        return NULL;
    return map_inherited((int)fd, strtoul(end + 1, NULL, 10));
}
