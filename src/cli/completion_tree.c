#include "cli/completion_tree.h"

enum { PATH_BYTES = 128 };

static void
write_text(const CompletionWriter *writer, const char *text, const char *help)
{
    writer->candidate(writer->out, text, strlen(text), help);
}

static void
write_operand(const CompletionWriter *writer, const Flag *flag)
{
    for (const char *word = flag->value_name; *word != '\0';) {
        size_t length = strcspn(word, "|");
        writer->candidate(writer->out, word, length, flag->help);
        word += length + (word[length] == '|');
    }
}

static void
write_command(const CompletionWriter *writer, const Command *command)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "rivet;%s%s%s", command->group == NULL ? "" : command->group,
             command->group == NULL ? "" : ";", command->name);
    writer->begin(writer->out, path);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
        const Flag *flag = use->flag;
        char text[PATH_BYTES];
        if (flag->kind == FLAG_OPERAND) {
            write_operand(writer, flag);
            continue;
        }
        if (flag->kind == FLAG_FILES)
            continue;
        snprintf(text, sizeof(text), "--%s", flag->name);
        write_text(writer, text, flag->help);
        snprintf(text, sizeof(text), "-%c", flag->letter);
        if (flag->letter != 0)
            write_text(writer, text, flag->help);
    }
    writer->end(writer->out);
}

static void
write_group(const CompletionWriter *writer, const char *group)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "rivet;%s", group);
    writer->begin(writer->out, path);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (COMMANDS[i].group != NULL && strcmp(COMMANDS[i].group, group) == 0)
            write_text(writer, COMMANDS[i].name, COMMANDS[i].summary);
    writer->end(writer->out);
}

void
completion_write_tree(const CompletionWriter *writer)
{
    writer->begin(writer->out, "rivet");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (COMMANDS[i].group == NULL)
            write_text(writer, COMMANDS[i].name, COMMANDS[i].summary);
        else if (command_begins_group(i))
            write_text(writer, COMMANDS[i].group, command_group_summary(COMMANDS[i].group));
    }
    write_text(writer, "help", "Print help");
    write_text(writer, "--help", "Print help");
    write_text(writer, "--version", "Print the version");
    writer->end(writer->out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_begins_group(i))
            write_group(writer, COMMANDS[i].group);
        write_command(writer, &COMMANDS[i]);
    }
}
