/* commands.h: the commands themselves; each returns the exit status. */
#ifndef RIVET_CLI_COMMANDS_H
#define RIVET_CLI_COMMANDS_H

#include "cli/command.h"

int cmd_run(const Arguments *arguments);
int cmd_check(const Arguments *arguments);
int cmd_completions(const Arguments *arguments);
int cmd_doctor(const Arguments *arguments);
int cmd_init(const Arguments *arguments);
int cmd_schema_config(const Arguments *arguments);
int cmd_state_show(const Arguments *arguments);
int cmd_state_reset(const Arguments *arguments);
int cmd_state_files(const Arguments *arguments);
int cmd_state_chunks(const Arguments *arguments);
int cmd_state_reset_chunks(const Arguments *arguments);
int cmd_inspect(const Arguments *arguments);
int cmd_metrics(const Arguments *arguments);
int cmd_validate(const Arguments *arguments);
int cmd_journal(const Arguments *arguments);

#endif
