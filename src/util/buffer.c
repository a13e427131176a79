#include "util/buffer.h"

#include "util/memory.h"

void
buffer_release(Buffer *buffer)
{
    free(buffer->data);
    *buffer = (Buffer){0};
}

void
buffer_grow(Buffer *buffer, size_t extra_bytes)
{
    size_t want = buffer->size + extra_bytes;

    assert(want >= buffer->size);
    buffer->capacity = size_max(want, buffer->capacity + buffer->capacity / 2);
    buffer->capacity = size_max(buffer->capacity, 64);
    buffer->data = memory_resize(buffer->data, buffer->capacity);
}

void
buffer_append_format(Buffer *buffer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    size_t size = (size_t)length + 1;
    uint8_t *to = buffer_reserve(buffer, size);
    va_start(args, format);
    vsnprintf((char *)to, size, format, args);
    va_end(args);
    buffer->size += (size_t)length;
}

void
buffer_append_quoted(Buffer *buffer, const char *text, const char *doubled)
{
    buffer_append_byte(buffer, (uint8_t)doubled[0]);
    for (; *text != '\0'; text++) {
        if (strchr(doubled, *text) != NULL)
            buffer_append_byte(buffer, (uint8_t)*text);
        buffer_append_byte(buffer, (uint8_t)*text);
    }
    buffer_append_byte(buffer, (uint8_t)doubled[0]);
}

char *
buffer_text(Buffer *buffer)
{
    *buffer_reserve(buffer, 1) = '\0';
    return (char *)buffer->data;
}

char *
buffer_take_text(Buffer *buffer)
{
    char *text = buffer_text(buffer);

    *buffer = (Buffer){0};
    return text;
}
