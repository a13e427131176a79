#include "util/memory.h"

static void *
checked(void *allocated)
{
    if (allocated == NULL) {
        fputs("Error: out of memory\n", stderr);
        abort();
    }
    return allocated;
}

void *
memory_alloc(size_t size_bytes)
{
    return checked(malloc(size_max(size_bytes, 1)));
}

void *
memory_alloc_zero(size_t count, size_t size_bytes)
{
    return checked(calloc(size_max(count, 1), size_max(size_bytes, 1)));
}

void *
memory_resize(void *old, size_t size_bytes)
{
    return checked(realloc(old, size_max(size_bytes, 1)));
}

char *
memory_dup_string(const char *text)
{
    return text == NULL ? NULL : memory_dup_bytes(text, strlen(text));
}

char *
memory_dup_bytes(const char *bytes, size_t n)
{
    char *copy = memory_alloc(n + 1);

    if (n > 0)
        memcpy(copy, bytes, n);
    copy[n] = '\0';
    return copy;
}

char *
memory_format(const char *format, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return checked(length < 0 ? NULL : text);
}
