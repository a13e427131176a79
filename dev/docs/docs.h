/* docs.h: documentation written out of the tables of rivet. */
#ifndef RIVET_DEV_DOCS_H
#define RIVET_DEV_DOCS_H

#include "cli/command.h"
#include "config/option.h"

/* markdown.c */
void write_cli_page(FILE *out);
void write_config_page(FILE *out);

/* manual.c; command NULL: rivet(1) itself */
void write_command_manual(FILE *out, const Command *command);
void write_config_manual(FILE *out); /* rivet.yaml(5) */

/* pages.c: what both kinds say */
void page_name(const Command *command, char separator, char *name, size_t size_bytes);
const char *page_default(const Option *option, char *text, size_t size_bytes);
/* "whole number, 1 to 64", "one of a, b" */
void page_type(const Option *option, char *text, size_t size_bytes);

typedef struct PageVariable {
    const char *name, *use;
} PageVariable;
extern const PageVariable PAGE_VARIABLES[];
extern const size_t PAGE_VARIABLE_COUNT;

/* One exit status with the names of the errors that give it. */
typedef struct PageStatus {
    int status;
    const char *meaning;
} PageStatus;
extern const PageStatus PAGE_STATUSES[];
extern const size_t PAGE_STATUS_COUNT;

#endif
