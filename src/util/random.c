#include "util/random.h"

#include <errno.h>
#include <sys/random.h>

void
random_hex(char *text, size_t size_bytes)
{
    uint8_t bytes[32];
    ssize_t got = 0;

    assert(size_bytes <= sizeof(bytes));
    /* Up to 256 bytes come whole once the pool is ready; only a signal before that interrupts. */
    do
        got = getrandom(bytes, size_bytes, 0);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)size_bytes)
        abort();
    for (size_t i = 0; i < size_bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}
