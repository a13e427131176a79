#include "cli/completion.h"

static void
write_path(FILE *out, const Command *command)
{
    fprintf(out, "'%s%s%s'", command->group == NULL ? "" : command->group,
            command->group == NULL ? "" : " ", command->name);
}

/* What may stand behind the flags of one command. */
static void
write_values(FILE *out, const Command *command)
{
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
        ValueKind kind = completion_value_kind(use->flag);
        if (kind == VALUE_NONE || flag_is_operand(use->flag))
            continue;
        fputs("    ", out);
        write_path(out, command);
        fprintf(out, "' --%s'", use->flag->name);
        if (use->flag->letter != 0) {
            fputs(" | ", out);
            write_path(out, command);
            fprintf(out, "' -%c'", use->flag->letter);
        }
        fputs(") ", out);
        if (kind == VALUE_PATH) {
            fputs("_rivet_files \"$cur\"; return ;;\n", out);
        } else {
            fputs("words='", out);
            if (kind == VALUE_WORDS)
                completion_write_words(out, use->flag);
            fputs("' ;;\n", out);
        }
    }
}

/* The flags of one command, and the words of its operand. */
static void
write_flags(FILE *out, const Command *command)
{
    bool takes_files = false;

    fputs("        ", out);
    write_path(out, command);
    fputs(") words='", out);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
        takes_files |= use->flag->kind == FLAG_FILES;
        if (use != command->flags)
            fputc(' ', out);
        if (use->flag->kind == FLAG_OPERAND)
            completion_write_words(out, use->flag);
        else if (use->flag->kind != FLAG_FILES)
            fprintf(out, "--%s", use->flag->name);
    }
    fputc('\'', out);
    if (takes_files)
        fputs("; [[ $cur == -* ]] || { _rivet_files \"$cur\"; return; }", out);
    fputs(" ;;\n", out);
}

static void
write_groups(FILE *out)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *group = COMMANDS[i].group;
        if (group == NULL || !command_begins_group(i))
            continue;
        fprintf(out, "        '%s') words='", group);
        for (size_t j = 0; j < COMMAND_COUNT; j++)
            if (COMMANDS[j].group != NULL && strcmp(COMMANDS[j].group, group) == 0)
                fprintf(out, "%s ", COMMANDS[j].name);
        fputs("--help' ;;\n", out);
    }
}

static void
write_group_test(FILE *out)
{
    fputs("    case \"$path\" in\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (command_begins_group(i))
            fprintf(out, "    '%s') ((COMP_CWORD > 2)) && path=\"$path ${COMP_WORDS[2]}\" ;;\n",
                    COMMANDS[i].group);
    fputs("    esac\n", out);
}

static void
write_commands(FILE *out)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (COMMANDS[i].group == NULL)
            fprintf(out, "%s ", COMMANDS[i].name);
        else if (command_begins_group(i))
            fprintf(out, "%s ", COMMANDS[i].group);
    }
    fputs("help", out);
}

void
completion_write_bash(FILE *out)
{
    fputs("# bash completion of rivet\n"
          "_rivet_files() {\n"
          "    local IFS=$'\\n'\n"
          "    compopt -o filenames 2>/dev/null\n"
          "    COMPREPLY=($(compgen -f -- \"$1\"))\n"
          "}\n\n"
          "_rivet() {\n"
          "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
          "    local path='' words=''\n"
          "    ((COMP_CWORD > 1)) && path=\"${COMP_WORDS[1]}\"\n",
          out);
    write_group_test(out);
    fputs("    case \"$path $prev\" in\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        write_values(out, &COMMANDS[i]);
    fputs("    *)\n"
          "        case \"$path\" in\n"
          "        '') words='",
          out);
    write_commands(out);
    fputs(" --help --version' ;;\n        'help') words='", out);
    write_commands(out);
    fputs("' ;;\n", out);
    write_groups(out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        write_flags(out, &COMMANDS[i]);
    fputs("        esac\n"
          "        ;;\n"
          "    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "}\n\n"
          "complete -F _rivet rivet\n",
          out);
}
