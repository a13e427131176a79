/* columns.h: the columns that an export names: do they exist, and can they do what is asked of
 * them?
 *
 * The one place that decides it: a run asks here before it reads, and so does check, so that both
 * refuse the same in the same words. */
#ifndef RIVET_PREFLIGHT_COLUMNS_H
#define RIVET_PREFLIGHT_COLUMNS_H

#include "source/source.h"

/* ERR_CONFIG names the field and the column. */
MUST_USE bool columns_check(const ExportConfig *export, const Source *source, const Schema *schema,
                            Error *err);

/* Can the result be cut along these? */
MUST_USE bool columns_check_cut(TextList names, const Source *source, const Schema *schema,
                                Error *err);

/* Values in a cursor column that no cursor can pass: ERR_VALUE. The first is false. */
bool columns_refuse_nulls(const char *column, Error *err);
MUST_USE bool columns_check_top(const char *column, const char *top, Error *err);

/* What has to stay the same for a stored value to keep its meaning and its order: "number",
 * "float", "timestamp", "timestamptz", "time", "text", "binary", "uuid"; NULL: a type that has no
 * order. */
const char *column_family(const ColumnSchema *column);

bool column_is_integer(const Type *type);
bool column_is_moment(const Type *type);

#endif
