/* main.c: process setup, one dispatch, exit status. */
#include <malloc.h>

#include "cli/command.h"
#include "util/interrupt.h"
#include "util/log.h"

int
main(int argc, char **argv)
{
    /* Big buffers come and go; without these the allocator would keep them (spec: parquet §3.3). */
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);

    log_init(&(LogOptions){0});
    interrupt_install();
    return command_main(argc, argv);
}
