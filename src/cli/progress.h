/* progress.h: shows how far the exports of a run are, while they run.
 *
 * On a terminal    a picture below everything else: a line per running export, and one for the
 *                  whole when there are several (terminal.h).
 * Elsewhere        a log line per running export every PROGRESS_LINE_S, of rivet::progress at info.
 * Not at all       with --quiet, and in a child process, whose parent shows its numbers.
 * Life             progress_start before any export; progress_stop before the last words. */
#ifndef RIVET_CLI_PROGRESS_H
#define RIVET_CLI_PROGRESS_H

#include "cli/command.h"
#include "pipeline/progress.h"

enum { PROGRESS_LINE_S = 10 };

typedef struct Progress Progress;

/* is_for_children: the numbers come from processes that progress_child_variable leads to them. */
Progress *progress_start(const Arguments *arguments, const ExportConfig *exports, size_t count,
                         bool is_for_children);
void progress_stop(Progress *progress);

/* What export number `index` writes its numbers to; NULL: nobody watches. */
ExportProgress *progress_of(Progress *progress, size_t index);

/* Is there a picture, which what others write to the terminal would tear? */
bool progress_has_picture(const Progress *progress);
/* "NAME=value" for the environment of the child that runs export number `index`, in arena; NULL:
 * it shows its progress itself. */
const char *progress_child_variable(const Progress *progress, size_t index, Arena *arena);

#endif
