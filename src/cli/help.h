/* help.h: usage texts out of the command table. */
#ifndef RIVET_CLI_HELP_H
#define RIVET_CLI_HELP_H

#include "cli/command.h"

void help_program(FILE *out);
void help_group(FILE *out, const char *group);
void help_command(FILE *out, const Command *command);
void help_usage_line(FILE *out, const Command *command); /* NULL: the program's */

#endif
