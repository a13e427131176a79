#include "cli/help.h"

static bool
is_first_of_group(size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (COMMANDS[i].group != NULL && strcmp(COMMANDS[i].group, COMMANDS[index].group) == 0)
            return false;
    return true;
}

void
help_usage_line(FILE *out, const Command *command)
{
    if (command == NULL) {
        fputs("Usage: rivet <COMMAND> [OPTIONS]\n", out);
        return;
    }
    fprintf(out, "Usage: rivet %s%s%s", command->group == NULL ? "" : command->group,
            command->group == NULL ? "" : " ", command->name);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++)
        if (use->is_required)
            fprintf(out, " --%s <%s>", use->flag->name, use->flag->value_name);
    fputs(" [OPTIONS]\n", out);
}

void
help_program(FILE *out)
{
    fputs("rivet exports the result of SQL queries, exactly and gently, into Parquet or CSV.\n\n",
          out);
    help_usage_line(out, NULL);
    fputs("\nCommands:\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = &COMMANDS[i];
        if (command->group == NULL)
            fprintf(out, "  %-12s %s\n", command->name, command->summary);
        else if (is_first_of_group(i))
            fprintf(out, "  %-12s %s\n", command->group, command_group_summary(command->group));
    }
    fprintf(out, "  %-12s %s\n", "help", "Print this, or the help of a command");
    fputs("\nOptions:\n  -h, --help       Print help\n  -V, --version    Print the version\n", out);
}

void
help_group(FILE *out, const char *group)
{
    fprintf(out, "%s\n\nUsage: rivet %s <COMMAND> [OPTIONS]\n\nCommands:\n",
            command_group_summary(group), group);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (COMMANDS[i].group != NULL && strcmp(COMMANDS[i].group, group) == 0)
            fprintf(out, "  %-12s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
}

void
help_command(FILE *out, const Command *command)
{
    fprintf(out, "%s\n\n", command->summary);
    help_usage_line(out, command);
    fputs("\nOptions:\n", out);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
        const Flag *flag = use->flag;
        char left[64];
        char letter[] = {'-', flag->letter, ',', '\0'};
        snprintf(left, sizeof(left), "%-3s --%s%s%s%s", flag->letter == 0 ? "" : letter, flag->name,
                 flag->value_name == NULL ? "" : " <",
                 flag->value_name == NULL ? "" : flag->value_name,
                 flag->value_name == NULL ? "" : ">");
        fprintf(out, "  %-28s %s", left, flag->help);
        if (flag->kind == FLAG_COUNT)
            fprintf(out, " [default: %" PRId64 "]", use->default_count);
        fputc('\n', out);
    }
}
