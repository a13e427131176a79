#include "docs.h"

/* Escapes need some room of the 80 bytes that a line should have. */
enum { TEXT_BYTES = 1024, LINE_BYTES = 60 };

/* Text of a line of its own: no control line, no escape of its own making. */
static void
write_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

/* The same over several lines, which the formatter joins again. */
static void
write_paragraph(FILE *out, const char *text)
{
    char word[TEXT_BYTES];
    size_t column = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        snprintf(word, sizeof(word), "%.*s", (int)length, text);
        if (column > 0)
            fputc(column + length > LINE_BYTES ? '\n' : ' ', out);
        column = column + length > LINE_BYTES ? length : column + length + 1;
        write_text(out, word);
        text += length + strspn(text + length, " ");
    }
}

static void
write_title(FILE *out, const char *name, const char *section)
{
    fprintf(out,
            ".\\\" Written by dev/generate_docs.sh; changes made here are lost.\n"
            ".TH %s %s %s \"rivet %s\" \"rivet manual\"\n",
            name, section, RIVET_MANUAL_DATE, RIVET_VERSION);
}

static void
write_upper(const char *name, char *upper, size_t size_bytes)
{
    size_t i = 0;

    for (; name[i] != '\0' && i + 1 < size_bytes; i++)
        upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
    upper[i] = '\0';
}

static void
write_flag(FILE *out, const CommandFlag *use)
{
    const Flag *flag = use->flag;

    fputs(".TP\n", out);
    if (flag_is_operand(flag)) {
        fprintf(out, ".I %s\n", flag->name);
    } else {
        fputs("\\fB", out);
        if (flag->letter != 0)
            fprintf(out, "\\-%c\\fR, \\fB", flag->letter);
        fputs("\\-\\-", out);
        write_text(out, flag->name);
        fputs("\\fR", out);
        if (flag->value_name != NULL) {
            fputs(" \\fI", out);
            write_text(out, flag->value_name);
            fputs("\\fR", out);
        }
        fputc('\n', out);
    }
    write_paragraph(out, flag->help);
    if (flag->kind == FLAG_OPERAND) {
        fputs(": ", out);
        write_text(out, flag->value_name);
    }
    if (flag->kind == FLAG_COUNT)
        fprintf(out, " (default %" PRId64 ")", use->default_count);
    fputs(".\n", out);
}

static void
write_synopsis(FILE *out, const Command *command)
{
    char name[TEXT_BYTES];

    page_name(command, ' ', name, sizeof(name));
    fputs(".SH SYNOPSIS\n.B ", out);
    write_text(out, name);
    fputc('\n', out);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
        if (flag_is_operand(use->flag)) {
            fprintf(out, ".I %s\n", use->flag->name);
        } else if (use->is_required) {
            fputs("\\fB\\-\\-", out);
            write_text(out, use->flag->name);
            fprintf(out, "\\fR \\fI%s\\fR\n", use->flag->value_name);
        }
    }
    fputs("[\\fIoptions\\fR]\n", out);
}

static void
write_statuses(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < PAGE_STATUS_COUNT; i++) {
        fprintf(out, ".TP\n.B %d\n", PAGE_STATUSES[i].status);
        write_paragraph(out, PAGE_STATUSES[i].meaning);
        fputs(".\n", out);
    }
}

static void
write_variables(FILE *out)
{
    fputs(".SH ENVIRONMENT\n", out);
    for (size_t i = 0; i < PAGE_VARIABLE_COUNT; i++) {
        fputs(".TP\n", out);
        write_text(out, PAGE_VARIABLES[i].name);
        fputc('\n', out);
        write_paragraph(out, PAGE_VARIABLES[i].use);
        fputs(".\n", out);
    }
}

static void
write_overview(FILE *out)
{
    char name[TEXT_BYTES];

    write_title(out, "RIVET", "1");
    fputs(
        ".SH NAME\nrivet \\- export the results of SQL queries into Parquet or CSV\n"
        ".SH SYNOPSIS\n.B rivet\n.I command\n[\\fIoptions\\fR]\n"
        ".SH DESCRIPTION\n"
        "Reads queries out of PostgreSQL, MySQL or MariaDB and writes their rows,\n"
        "exactly and gently, into files. What is exported is told by a file,\n.BR rivet.yaml (5).\n"
        ".SH COMMANDS\n",
        out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        page_name(&COMMANDS[i], '-', name, sizeof(name));
        fputs(".TP\n.BR ", out);
        write_text(out, name);
        fputs(" (1)\n", out);
        write_text(out, COMMANDS[i].summary);
        fputs(".\n", out);
    }
    write_statuses(out);
    write_variables(out);
    fputs(".SH FILES\n.TP\n.I .rivet_state.db\nWhat rivet remembers between runs, beside the "
          "configuration.\n.SH SEE ALSO\n.BR rivet.yaml (5)\n",
          out);
}

void
write_command_manual(FILE *out, const Command *command)
{
    char name[TEXT_BYTES];
    char upper[TEXT_BYTES];

    if (command == NULL) {
        write_overview(out);
        return;
    }
    page_name(command, '-', name, sizeof(name));
    write_upper(name, upper, sizeof(upper));
    write_title(out, upper, "1");
    fputs(".SH NAME\n", out);
    write_text(out, name);
    fputs(" \\-\n", out);
    write_paragraph(out, command->summary);
    fputc('\n', out);
    write_synopsis(out, command);
    fputs(".SH OPTIONS\n", out);
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++)
        write_flag(out, use);
    fputs(".SH SEE ALSO\n.BR rivet (1),\n.BR rivet.yaml (5)\n", out);
}

/* ---- rivet.yaml(5) ---- */

static void
write_option(FILE *out, const Option *option)
{
    char text[TEXT_BYTES];

    fputs(".TP\n.B ", out);
    write_text(out, option->name);
    fputc('\n', out);
    write_paragraph(out, option->help);
    if (option->availability == AVAILABLE_LATER)
        fputs("\nNot available in this version.", out);
    page_type(option, text, sizeof(text));
    fputs("\nType: ", out);
    write_paragraph(out, text);
    fputs(".\n", out);
    page_default(option, text, sizeof(text));
    if (option->is_required)
        fputs("Required.\n", out);
    else if (text[0] != '\0') {
        fputs("Default: ", out);
        write_paragraph(out, text);
        fputs(".\n", out);
    }
}

static void
write_level(FILE *out, const OptionLevel *level)
{
    fputs(".SH \"FIELDS", out);
    if (level->name[0] != '\0') {
        fputs(" OF ", out);
        write_text(out, level->name);
    }
    fputs("\"\n", out);
    for (size_t i = 0; i < level->count; i++)
        write_option(out, &level->options[i]);
    for (size_t i = 0; i < level->count; i++) {
        const OptionLevel *inner = level->options[i].level;
        if (inner != NULL && inner != option_tuning_level())
            write_level(out, inner);
    }
}

void
write_config_manual(FILE *out)
{
    write_title(out, "RIVET.YAML", "5");
    fputs(".SH NAME\nrivet.yaml \\- what rivet exports\n"
          ".SH DESCRIPTION\n"
          "One YAML document. A\n.BI ${ name }\n"
          "in any value is replaced by the value of\n.BR \\-\\-param ,\n"
          "else of the environment variable.\n",
          out);
    write_level(out, option_root());
    write_level(out, option_tuning_level());
    fputs(".SH SEE ALSO\n.BR rivet (1)\n", out);
}
