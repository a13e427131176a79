#include "cli/completion.h"

static const char QUOTE[] = "'\\''";

/* In _arguments and _describe a colon parts fields and brackets end a text. */
static void
write_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs(QUOTE, out);
        else if (strchr("[]:\\", *text) != NULL)
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void
write_value(FILE *out, const Flag *flag)
{
    switch (completion_value_kind(flag)) {
    case VALUE_NONE:
        return;
    case VALUE_FREE:
        fprintf(out, ":%s: ", flag->value_name);
        return;
    case VALUE_PATH:
        fprintf(out, ":%s:_files", flag->value_name);
        return;
    case VALUE_WORDS:
        fprintf(out, ":%s:(", flag->name);
        completion_write_words(out, flag);
        fputc(')', out);
        return;
    }
}

static void
write_flag(FILE *out, const Flag *flag)
{
    bool repeats = flag->kind == FLAG_PARAM;

    fputs(" \\\n            ", out);
    if (flag->kind == FLAG_FILES) {
        fprintf(out, "'*:%s:_files'", flag->name);
        return;
    }
    if (flag->kind == FLAG_OPERAND) {
        fprintf(out, "'1:%s:(", flag->name);
        completion_write_words(out, flag);
        fputs(")'", out);
        return;
    }
    if (flag->letter != 0 && !repeats)
        fprintf(out, "'(-%c --%s)'", flag->letter, flag->name);
    if (repeats)
        fputs("'*'", out);
    if (flag->letter != 0)
        fprintf(out, "{-%c,--%s}'[", flag->letter, flag->name);
    else
        fprintf(out, "'--%s[", flag->name);
    write_text(out, flag->help);
    fputc(']', out);
    write_value(out, flag);
    fputc('\'', out);
}

static void
write_command(FILE *out, const Command *command, const char *indent, int words)
{
    fprintf(out, "%s%s)\n%s    shift %d words; (( CURRENT -= %d ))\n%s    _arguments -s", indent,
            command->name, indent, words, words, indent);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++)
        write_flag(out, use->flag);
    fprintf(out, "\n%s    ;;\n", indent);
}

static void
write_choice(FILE *out, const char *name, const char *summary)
{
    fprintf(out, "            '%s:", name);
    write_text(out, summary);
    fputs("'\n", out);
}

static void
write_choices(FILE *out, const char *group)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = &COMMANDS[i];
        if (group != NULL) {
            if (command->group != NULL && strcmp(command->group, group) == 0)
                write_choice(out, command->name, command->summary);
        } else if (command->group == NULL) {
            write_choice(out, command->name, command->summary);
        } else if (command_begins_group(i)) {
            write_choice(out, command->group, command_group_summary(command->group));
        }
    }
}

static void
write_group(FILE *out, const char *group)
{
    fprintf(out,
            "    %s)\n"
            "        if (( CURRENT == 3 )); then\n"
            "            choices=(\n",
            group);
    write_choices(out, group);
    fputs("            )\n"
          "            _describe action choices\n"
          "            return\n"
          "        fi\n"
          "        case \"$words[3]\" in\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (COMMANDS[i].group != NULL && strcmp(COMMANDS[i].group, group) == 0)
            write_command(out, &COMMANDS[i], "        ", 2);
    fputs("        esac\n        ;;\n", out);
}

void
completion_write_zsh(FILE *out)
{
    fputs("#compdef rivet\n\n"
          "_rivet() {\n"
          "    local -a choices\n"
          "    if (( CURRENT == 2 )) || [[ \"$words[2]\" == help && CURRENT -eq 3 ]]; then\n"
          "        choices=(\n",
          out);
    write_choices(out, NULL);
    fputs("            'help:Print help'\n"
          "        )\n"
          "        _describe command choices\n"
          "        return\n"
          "    fi\n"
          "    case \"$words[2]\" in\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (COMMANDS[i].group == NULL)
            write_command(out, &COMMANDS[i], "    ", 1);
        else if (command_begins_group(i))
            write_group(out, COMMANDS[i].group);
    }
    fputs("    esac\n"
          "}\n\n"
          "if [[ \"$funcstack[1]\" == _rivet ]]; then\n"
          "    _rivet \"$@\"\n"
          "else\n"
          "    compdef _rivet rivet\n"
          "fi\n",
          out);
}
