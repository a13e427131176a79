/* expand.h: ${NAME} in the configuration and in queries.
 *
 * Value    --param, else the environment; a name set to nothing is fine, an unset one an error.
 *          ${} is replaced by nothing; an unclosed ${ ends expansion; $NAME and $ are literal.
 * Once     replacement text is not looked at again.
 * Errors   ERR_CONFIG naming the name, never a value.
 * Source   spec: config §5, §10. */
#ifndef RIVET_CONFIG_EXPAND_H
#define RIVET_CONFIG_EXPAND_H

#include "config/node.h"
#include "config/option.h"

typedef struct ExpandScope {
    const Param *params; /* the last of equal keys counts */
    size_t param_count;
} ExpandScope;

/* False: *unset_name is the first name without a value (in arena), *out is not set. Text without
 * placeholders comes back as it is, not copied. */
bool expand_text(const ExpandScope *scope, const char *text, Arena *arena, const char **out,
                 const char **unset_name);

/* Keys and scalars of a whole document; checks that keys are unique afterwards. Fields whose
 * placeholders stay inside (queries) are only checked, and not even that when the options of load
 * allow unset names in queries. */
MUST_USE bool expand_tree(const LoadContext *load, Node *root, Error *err);

#endif
