/* completion.h: completion scripts for shells, written out of the command table. */
#ifndef RIVET_CLI_COMPLETION_H
#define RIVET_CLI_COMPLETION_H

#include "cli/command.h"

typedef struct CompletionShell {
    const char *name;
    void (*write)(FILE *out);
} CompletionShell;

const CompletionShell *completion_find_shell(const char *name); /* NULL: none of this name */

void completion_write_bash(FILE *out);
void completion_write_elvish(FILE *out);
void completion_write_fish(FILE *out);
void completion_write_powershell(FILE *out);
void completion_write_zsh(FILE *out);

/* ---- what the scripts have in common ---- */

/* What can stand behind a flag, as its value_name tells. */
typedef enum ValueKind {
    VALUE_NONE,  /* a switch */
    VALUE_FREE,  /* anything */
    VALUE_PATH,  /* a file */
    VALUE_WORDS, /* "text|json": one of these */
} ValueKind;
ValueKind completion_value_kind(const Flag *flag);

/* The words of VALUE_WORDS, with a blank between them. */
void completion_write_words(FILE *out, const Flag *flag);

/* Prints text between single quotes, in which a quote becomes escaped_quote. */
void completion_write_quoted(FILE *out, const char *text, const char *escaped_quote);

#endif
