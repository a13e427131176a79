/* progress_share.h: the numbers of running exports where parent and child processes see them: pages
 * of an unnamed file, whose descriptor the children inherit. */
#ifndef RIVET_CLI_PROGRESS_SHARE_H
#define RIVET_CLI_PROGRESS_SHARE_H

#include "pipeline/progress.h"
#include "util/arena.h"

typedef struct ProgressShare {
    ExportProgress *items;
    size_t count;
    int fd; /* -1: memory of this process alone */
} ProgressShare;

/* Where no pages can be shared: of this process alone, and the children show nothing. */
void progress_share_open(ProgressShare *share, size_t count, bool is_for_children);
void progress_share_close(ProgressShare *share);

const char *progress_share_variable(const ProgressShare *share, size_t index, Arena *arena);
/* In a child: the numbers that its environment leads to, for the rest of its life; NULL: none. */
ExportProgress *progress_share_inherited(void);

#endif
