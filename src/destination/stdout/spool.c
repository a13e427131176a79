#include <pthread.h>
#include <unistd.h>

#include "destination/stdout/stdout.h"
#include "util/memory.h"

typedef struct SpooledPart {
    struct SpooledPart *next;
    char nonce[NONCE_HEX_BYTES];
    int fd; /* -1: copied to standard output */
} SpooledPart;

/* Workers add parts, the main thread publishes them. */
struct Spool {
    pthread_mutex_t mutex;
    SpooledPart *first;
};

Spool *
spool_new(void)
{
    Spool *spool = memory_alloc_zero(1, sizeof(*spool));

    pthread_mutex_init(&spool->mutex, NULL);
    return spool;
}

void
spool_free(Spool *spool)
{
    while (spool->first != NULL)
        spool_drop(spool, spool->first->nonce);
    pthread_mutex_destroy(&spool->mutex);
    free(spool);
}

void
spool_keep(Spool *spool, const char *nonce, int fd)
{
    SpooledPart *part = memory_alloc_zero(1, sizeof(*part));

    part->fd = fd;
    snprintf(part->nonce, sizeof(part->nonce), "%s", nonce);
    pthread_mutex_lock(&spool->mutex);
    part->next = spool->first;
    spool->first = part;
    pthread_mutex_unlock(&spool->mutex);
}

static SpooledPart **
find_link(Spool *spool, const char *nonce)
{
    SpooledPart **link = &spool->first;

    while (*link != NULL && strcmp((*link)->nonce, nonce) != 0)
        link = &(*link)->next;
    return link;
}

bool
spool_find(Spool *spool, const char *nonce, int *fd)
{
    pthread_mutex_lock(&spool->mutex);
    const SpooledPart *part = *find_link(spool, nonce);
    *fd = part == NULL ? -1 : part->fd;
    pthread_mutex_unlock(&spool->mutex);
    return part != NULL;
}

void
spool_mark_copied(Spool *spool, const char *nonce)
{
    pthread_mutex_lock(&spool->mutex);
    SpooledPart *part = *find_link(spool, nonce);
    if (part != NULL && part->fd >= 0) {
        close(part->fd);
        part->fd = -1;
    }
    pthread_mutex_unlock(&spool->mutex);
}

void
spool_drop(Spool *spool, const char *nonce)
{
    pthread_mutex_lock(&spool->mutex);
    SpooledPart **link = find_link(spool, nonce);
    SpooledPart *part = *link;
    if (part != NULL)
        *link = part->next;
    pthread_mutex_unlock(&spool->mutex);
    if (part == NULL)
        return;
    if (part->fd >= 0)
        close(part->fd);
    free(part);
}
