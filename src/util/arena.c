#include "util/arena.h"

#include "util/memory.h"

enum { BLOCK_BYTES = 16 * 1024 };

typedef struct ArenaBlock {
    struct ArenaBlock *next;
    size_t size;
    size_t used;
    max_align_t bytes[];
} ArenaBlock;

void *
arena_alloc(Arena *arena, size_t size_bytes)
{
    size_t align = sizeof(max_align_t);
    size_t size = (size_max(size_bytes, 1) + align - 1) / align * align;
    ArenaBlock *block = arena->head;

    if (block == NULL || block->size - block->used < size) {
        size_t room = size_max(size, BLOCK_BYTES);
        block = memory_alloc(sizeof(*block) + room);
        *block = (ArenaBlock){.next = arena->head, .size = room};
        arena->head = block;
    }
    void *at = (char *)block->bytes + block->used;
    block->used += size;
    return memset(at, 0, size);
}

char *
arena_dup_bytes(Arena *arena, const char *bytes, size_t n)
{
    char *copy = arena_alloc(arena, n + 1);

    if (n > 0)
        memcpy(copy, bytes, n);
    return copy;
}

char *
arena_dup_string(Arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_dup_bytes(arena, text, strlen(text));
}

char *
arena_format(Arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void
arena_release(Arena *arena)
{
    ArenaBlock *block = arena->head;

    while (block != NULL) {
        ArenaBlock *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
}
