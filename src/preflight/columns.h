/* columns.h: do the columns that an export names exist, and can they do what is asked of them? */
#ifndef RIVET_PREFLIGHT_COLUMNS_H
#define RIVET_PREFLIGHT_COLUMNS_H

#include "source/source.h"

/* ERR_CONFIG names the field and the column. */
MUST_USE bool columns_check(const ExportConfig *export, const Source *source, const Schema *schema,
                            Error *err);

bool column_is_integer(const Type *type);

#endif
