/* table.h: the printed tables of state and metrics, and the same rows as JSON. */
#ifndef RIVET_CLI_TABLE_H
#define RIVET_CLI_TABLE_H

#include "util/base.h"

#include <jansson.h>

void table_rule(int width);                  /* a line of dashes */
const char *table_or_dash(const char *text); /* "-" for NULL */
/* Prints and drops the value. */
void table_print_json(json_t *value);

/* JSON of a text that may be NULL. */
json_t *table_json_text(const char *text);

#endif
