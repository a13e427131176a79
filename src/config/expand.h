/* expand.h: ${NAME} in the configuration and in queries.
 *
 * Value    --param, else the environment; a name set to nothing is fine, an unset one an error.
 *          ${} is replaced by nothing; an unclosed ${ ends expansion; $NAME and $ are literal.
 * Forms    in queries ${NAME:literal} and ${NAME:ident} quote the value (sql_quote.h); they stand
 *          outside of quotes and comments. Any other colon belongs to the name.
 * Once     replacement text is not looked at again.
 * Errors   ERR_CONFIG naming the name, never a value.
 * Source   spec: config §5, §10. */
#ifndef RIVET_CONFIG_EXPAND_H
#define RIVET_CONFIG_EXPAND_H

#include "config/load_context.h"
#include "config/node.h"
#include "config/option.h"

typedef struct ExpandScope {
    const Param *params; /* the last of equal keys counts */
    size_t param_count;
    bool is_query;          /* has the quoting forms */
    const SourceKind *kind; /* whose SQL it is; NULL: not known yet, only names are looked at */
} ExpandScope;

/* The first placeholder that cannot be replaced. */
typedef struct ExpandFailure {
    const char *name;    /* in arena */
    const char *problem; /* a predicate, "is …"; NULL: the name has no value */
} ExpandFailure;

/* False: *failure says why, *out is not set. Text without placeholders comes back as it is, not
 * copied. */
bool expand_text(const ExpandScope *scope, const char *text, Arena *arena, const char **out,
                 ExpandFailure *failure);

/* Sets the error of a failed expansion; place, "export 'x': " or "", begins it. */
void expand_set_error(const LoadContext *load, int line, const char *place,
                      const ExpandFailure *failure, Error *err);

/* Keys and scalars of a whole document; checks that keys are unique afterwards. Fields whose
 * placeholders stay inside (queries) are only checked, and not even that when the options of load
 * allow unset names in queries. */
MUST_USE bool expand_tree(const LoadContext *load, Node *root, Error *err);

#endif
