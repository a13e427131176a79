#include "docs.h"

static const char NOTICE[] =
    "<!-- Written by dev/generate_docs.sh; changes made here are lost. -->\n\n";

enum { TEXT_BYTES = 1024 };

/* A bar would end the cell of a table. */
static void
write_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

static void
write_flag(FILE *out, const CommandFlag *use)
{
    const Flag *flag = use->flag;

    fputs("| `", out);
    if (flag_is_operand(flag))
        fprintf(out, "<%s>", flag->name);
    else
        fprintf(out, "--%s", flag->name);
    if (!flag_is_operand(flag) && flag->value_name != NULL) {
        fputs(" <", out);
        write_cell(out, flag->value_name);
        fputc('>', out);
    }
    fputs("` | ", out);
    if (flag->letter != 0)
        fprintf(out, "`-%c`", flag->letter);
    fputs(" | ", out);
    if (use->is_required)
        fputs("required", out);
    else if (flag->kind == FLAG_COUNT)
        fprintf(out, "%" PRId64, use->default_count);
    fputs(" | ", out);
    write_cell(out, flag->help);
    if (flag->kind == FLAG_OPERAND) {
        fputs(": ", out);
        write_cell(out, flag->value_name);
    }
    fputs(" |\n", out);
}

static void
write_command(FILE *out, const Command *command)
{
    char name[TEXT_BYTES];

    page_name(command, ' ', name, sizeof(name));
    fprintf(out, "\n## %s\n\n%s.\n\n| Flag | Short | Default | Meaning |\n|---|---|---|---|\n",
            name, command->summary);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++)
        write_flag(out, use);
}

void
write_cli_page(FILE *out)
{
    fputs("# Commands\n\n", out);
    fputs(NOTICE, out);
    fputs(
        "`rivet <COMMAND> [OPTIONS]`. Long options take their value behind a blank or `=`. Data "
        "and reports go to\nstandard output, the log and the summaries of runs to standard error. "
        "`rivet completions <SHELL>`\nprints a completion script; the manual pages are in "
        "[man/](man/).\n",
        out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        write_command(out, &COMMANDS[i]);
    fputs("\n## Exit status\n\n| Code | Meaning |\n|---|---|\n", out);
    for (size_t i = 0; i < PAGE_STATUS_COUNT; i++)
        fprintf(out, "| %d | %s |\n", PAGE_STATUSES[i].status, PAGE_STATUSES[i].meaning);
    fputs(
        "\nThe kinds of errors and their codes:\n\n| Kind | Code | Tried again |\n|---|---|---|\n",
        out);
#define KIND_ROW(kind, name, exit_status, retry)                                                   \
    if (kind != ERR_NONE)                                                                          \
        fprintf(out, "| %s | %d | %s |\n", name, exit_status, retry ? "yes" : "no");
    ERROR_KINDS(KIND_ROW)
#undef KIND_ROW
    fputs("\n## Environment\n\n| Variable | Use |\n|---|---|\n", out);
    for (size_t i = 0; i < PAGE_VARIABLE_COUNT; i++)
        fprintf(out, "| %s | %s |\n", PAGE_VARIABLES[i].name, PAGE_VARIABLES[i].use);
}

/* ---- configuration ---- */

static void
write_option(FILE *out, const Option *option)
{
    char type[TEXT_BYTES];
    char initial[TEXT_BYTES];

    page_type(option, type, sizeof(type));
    page_default(option, initial, sizeof(initial));
    fprintf(out, "| `%s` | ", option->name);
    write_cell(out, type);
    fputs(" | ", out);
    write_cell(out, initial);
    fputs(" | ", out);
    write_cell(out, option->help);
    if (option->availability == AVAILABLE_LATER)
        fputs(" Not available in this version.", out);
    fputs(" |\n", out);
}

/* Its own table first, then those of its mappings; a shared table only once. */
static void
write_level(FILE *out, const OptionLevel *level)
{
    fprintf(out, "\n## %s%s%s\n\n| Field | Type | Default | Meaning |\n|---|---|---|---|\n",
            level->name[0] == '\0' ? "" : "`", level->name[0] == '\0' ? "Root" : level->name,
            level->name[0] == '\0' ? "" : "`");
    for (size_t i = 0; i < level->count; i++)
        write_option(out, &level->options[i]);
    for (size_t i = 0; i < level->count; i++) {
        const OptionLevel *inner = level->options[i].level;
        if (inner != NULL && inner != option_tuning_level())
            write_level(out, inner);
    }
}

void
write_config_page(FILE *out)
{
    fputs("# Configuration\n\n", out);
    fputs(NOTICE, out);
    fputs(
        "One YAML document (YAML 1.2: only `true` and `false` are truth values). `${NAME}` in any "
        "value takes\nthe value of `--param NAME=…`, else of the environment variable; an unset "
        "name is an error. In queries\n`${NAME:literal}` and `${NAME:ident}` quote it "
        "([checks](checks.md#parameters)). Unknown fields are warned\nof, and refused with "
        "`--strict`. `rivet schema config` prints the JSON Schema for editors.\n",
        out);
    write_level(out, option_root());
    write_level(out, option_tuning_level());
}
