#include "cli/help.h"

void
help_usage_line(FILE *out, const Command *command)
{
    if (command == NULL) {
        fputs("Usage: rivet <COMMAND> [OPTIONS]\n", out);
        return;
    }
    fprintf(out, "Usage: rivet %s%s%s", command->group == NULL ? "" : command->group,
            command->group == NULL ? "" : " ", command->name);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
        if (use->flag->kind == FLAG_OPERAND)
            fprintf(out, " <%s>", use->flag->name);
        else if (use->flag->kind == FLAG_FILES)
            fprintf(out, " <%s>…", use->flag->name);
        else if (use->is_required)
            fprintf(out, " --%s <%s>", use->flag->name, use->flag->value_name);
    }
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
        else if (command_begins_group(i))
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

/* "-c, --config <PATH>", "<SHELL>" */
static void
write_left(const Flag *flag, char *left, size_t size_bytes)
{
    const char letter[] = {'-', flag->letter, ',', '\0'};

    if (flag_is_operand(flag))
        snprintf(left, size_bytes, "<%s>", flag->name);
    else if (flag->value_name == NULL)
        snprintf(left, size_bytes, "%-3s --%s", flag->letter == 0 ? "" : letter, flag->name);
    else
        snprintf(left, size_bytes, "%-3s --%s <%s>", flag->letter == 0 ? "" : letter, flag->name,
                 flag->value_name);
}

void
help_command(FILE *out, const Command *command)
{
    fprintf(out, "%s\n\n", command->summary);
    help_usage_line(out, command);
    fputs("\nOptions:\n", out);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
        char left[96];
        write_left(use->flag, left, sizeof(left));
        fprintf(out, "  %-28s %s", left, use->flag->help);
        if (use->flag->kind == FLAG_COUNT)
            fprintf(out, " [default: %" PRId64 "]", use->default_count);
        if (use->flag->kind == FLAG_OPERAND)
            fprintf(out, ": %s", use->flag->value_name);
        fputc('\n', out);
    }
}
