/* select.h: the statement that reads one range of a query.
 *
 * Shape   <q>, or SELECT <items> FROM (<q>⏎) AS _rivet [WHERE …] [ORDER BY …]; by row numbers the
 *         window function stands in between.
 * Bounds  are written by the driver: a typed literal or a parameter, each time one is named.
 * Source  spec: extraction §3 (comparison), behaviour §2. */
#ifndef RIVET_SOURCE_SELECT_H
#define RIVET_SOURCE_SELECT_H

#include "source/source.h"
#include "util/buffer.h"

typedef struct SelectDialect {
    char identifier_quote;
    bool has_row_values; /* (a, b) > (x, y) uses an index; else the comparison is spelled out */
    bool folds_to_lower_case; /* unquoted names */
} SelectDialect;

typedef struct Select {
    const SelectDialect *dialect;
    const char *query;       /* of query_clean */
    const char *items;       /* the select list; NULL: every column as it is */
    const ReadRange *range;  /* NULL: all rows */
    const size_t *key_index; /* of each range column in schema */
    const Schema *schema;
    bool (*write_bound)(void *context, size_t column, const char *text, Buffer *out, Error *err);
    void *context;
} Select;

/* Appends the statement to out. */
MUST_USE bool select_build(const Select *select, Buffer *out, Error *err);

void select_quote_identifier(const SelectDialect *dialect, const char *name, Buffer *out);
/* One more of a list: "name", or expression AS "name". */
void select_append_item(const SelectDialect *dialect, const char *expression, const char *name,
                        Buffer *list);

/* Index of the result column that a name written by the user means: spelled exactly, quoted, or
 * folded as the server folds it. ERR_CONFIG when the result has none. */
MUST_USE bool select_find_column(const SelectDialect *dialect, const Schema *schema,
                                 const char *written, size_t *index, Error *err);

#endif
