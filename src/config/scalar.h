/* scalar.h: what a YAML scalar means: the core schema of YAML 1.2, as each field asks for it.
 *
 * Only a plain scalar can be null, a boolean or a number; `on`, `off`, `yes`, `no` are text. Every
 * scalar but null can be taken as text, as written.
 * Source  YAML 1.2.2 §10.3.2. */
#ifndef RIVET_CONFIG_SCALAR_H
#define RIVET_CONFIG_SCALAR_H

#include "config/node.h"

typedef enum NumberResult { NUMBER_OK, NUMBER_NONE, NUMBER_OUT_OF_RANGE } NumberResult;

bool scalar_is_null(const Node *node); /* false for sequences and mappings */
bool scalar_to_bool(const Node *node, bool *value);
NumberResult scalar_to_int(const Node *node, int64_t *value);
NumberResult scalar_to_double(const Node *node, double *value); /* finite; takes integers too */

/* "a number", "text", "a list", …: for "must be text, not a list". */
const char *scalar_kind_name(const Node *node);

#endif
