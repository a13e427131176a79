/* buffer.h: bytes that grow.
 *
 * Shape   data[size], room for capacity; a text buffer gets its final NUL from buffer_text.
 * Owner   the holder of the struct: zero-initialise, buffer_release at the end; buffer_reset keeps
 *         the memory.
 * Errors  none: growth ends the process when memory is out. */
#ifndef RIVET_UTIL_BUFFER_H
#define RIVET_UTIL_BUFFER_H

#include "util/base.h"

typedef struct Buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
} Buffer;

void buffer_release(Buffer *buffer);
void buffer_grow(Buffer *buffer, size_t extra_bytes); /* room for at least extra_bytes more */
void buffer_append_format(Buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
/* Text between two of doubled[0]; bytes that are in doubled come twice. */
void buffer_append_quoted(Buffer *buffer, const char *text, const char *doubled);
char *buffer_text(Buffer *buffer);      /* NUL-terminated view, valid until it changes */
char *buffer_take_text(Buffer *buffer); /* moves the text out; the caller frees it */

static inline void
buffer_reset(Buffer *buffer)
{
    buffer->size = 0;
}

/* Makes room for extra_bytes and returns where they go, never NULL; the caller adds what it wrote
 * to size. */
static inline uint8_t *
buffer_reserve(Buffer *buffer, size_t extra_bytes)
{
    if (UNLIKELY(buffer->capacity - buffer->size <= extra_bytes))
        buffer_grow(buffer, extra_bytes);
    return buffer->data + buffer->size;
}

static inline void
buffer_append(Buffer *buffer, const void *bytes, size_t size_bytes)
{
    if (size_bytes == 0)
        return;
    memcpy(buffer_reserve(buffer, size_bytes), bytes, size_bytes);
    buffer->size += size_bytes;
}

static inline void
buffer_append_byte(Buffer *buffer, uint8_t byte)
{
    *buffer_reserve(buffer, 1) = byte;
    buffer->size++;
}

static inline void
buffer_append_text(Buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

#endif
