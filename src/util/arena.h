/* arena.h: many small allocations with one end.
 *
 * Owner   the holder of the struct: zero-initialise, arena_release frees everything at once.
 * Use     configuration, schemas, plans: things built once and read for the rest of a run. */
#ifndef RIVET_UTIL_ARENA_H
#define RIVET_UTIL_ARENA_H

#include "util/base.h"

typedef struct Arena {
    struct ArenaBlock *head;
} Arena;

void *arena_alloc(Arena *arena, size_t size_bytes);               /* zeroed, aligned for any type */
char *arena_dup_string(Arena *arena, const char *text);           /* NULL stays NULL */
char *arena_dup_bytes(Arena *arena, const char *bytes, size_t n); /* adds a final NUL */
char *arena_format(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
void arena_release(Arena *arena);

#define ARENA_NEW(arena, Type)          ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_ARRAY(arena, Type, count) ((Type *)arena_alloc((arena), sizeof(Type) * (count)))

#endif
