#include "cli/completion.h"

static const char QUOTE[] = "\\'";

static void
write_choice(FILE *out, const char *condition, const char *name, const char *summary)
{
    fprintf(out, "complete -c rivet -n '%s' -f -a %s -d ", condition, name);
    completion_write_quoted(out, summary, QUOTE);
    fputc('\n', out);
}

/* Where the flags of a command may stand. */
static void
write_place(FILE *out, const Command *command)
{
    fputs(" -n '__fish_seen_subcommand_from ", out);
    if (command->group != NULL)
        fprintf(out, "%s; and __fish_seen_subcommand_from ", command->group);
    fprintf(out, "%s'", command->name);
}

static void
write_flag(FILE *out, const Command *command, const Flag *flag)
{
    ValueKind kind = completion_value_kind(flag);

    fputs("complete -c rivet", out);
    write_place(out, command);
    if (!flag_is_operand(flag))
        fprintf(out, " -l %s", flag->name);
    if (flag->letter != 0)
        fprintf(out, " -s %c", flag->letter);
    if (flag->kind == FLAG_FILES)
        fputs(" -F", out);
    else if (kind == VALUE_PATH)
        fputs(" -r -F", out);
    else if (kind != VALUE_NONE && flag->kind != FLAG_OPERAND)
        fputs(" -x", out);
    else
        fputs(" -f", out);
    if (kind == VALUE_WORDS) {
        fputs(" -a '", out);
        completion_write_words(out, flag);
        fputc('\'', out);
    }
    fputs(" -d ", out);
    completion_write_quoted(out, flag->help, QUOTE);
    fputc('\n', out);
}

static void
write_actions(FILE *out, const char *group)
{
    char condition[256];

    snprintf(condition, sizeof(condition),
             "__fish_seen_subcommand_from %s; and test (count (commandline -opc)) -eq 2", group);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (COMMANDS[i].group != NULL && strcmp(COMMANDS[i].group, group) == 0)
            write_choice(out, condition, COMMANDS[i].name, COMMANDS[i].summary);
}

void
completion_write_fish(FILE *out)
{
    static const char FIRST[] = "__fish_use_subcommand";

    fputs("# fish completion of rivet\ncomplete -c rivet -f\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = &COMMANDS[i];
        if (command->group == NULL)
            write_choice(out, FIRST, command->name, command->summary);
        else if (command_begins_group(i))
            write_choice(out, FIRST, command->group, command_group_summary(command->group));
    }
    write_choice(out, FIRST, "help", "Print help");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *group = COMMANDS[i].group;
        if (group != NULL && command_begins_group(i))
            write_actions(out, group);
        for (const CommandFlag *use = COMMANDS[i].flags; use->flag != NULL; use++)
            write_flag(out, &COMMANDS[i], use->flag);
    }
}
