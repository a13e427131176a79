/* child_summary.h: how the summaries of child processes reach their parent: each child writes a
 * document into a temporary file, the parent takes its exports out of them. */
#ifndef RIVET_CLI_CHILD_SUMMARY_H
#define RIVET_CLI_CHILD_SUMMARY_H

#include <jansson.h>

#include "util/arena.h"
#include "util/error.h"

/* An empty file in TMPDIR; its name in arena. ERR_IO. */
MUST_USE bool child_summary_make(Arena *arena, const char **path, Error *err);

/* Adds what the child wrote to exports and removes the file. A child that died before it could
 * write counts as a failed export. */
void child_summary_take(const char *path, const char *export_name, int exit_status,
                        json_t *exports);

#endif
