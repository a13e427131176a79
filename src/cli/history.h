/* history.h: opening the state for a command that only looks. */
#ifndef RIVET_CLI_HISTORY_H
#define RIVET_CLI_HISTORY_H

#include "cli/command.h"
#include "state/state.h"

/* What such a command prints from; state NULL: there is no database, and print says so itself. */
typedef bool (*HistoryPrint)(State *state, const Arguments *arguments, Arena *arena, Error *err);

/* Opens without creating, prints, closes; returns the exit status. Of the configuration only the
 * root field `state` is looked at, and a file that cannot be read falls back to the directory
 * rule (spec: cli §3). */
int history_command(const Arguments *arguments, HistoryPrint print);

#endif
