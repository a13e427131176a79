/* override.h: columns: { name: type } on PostgreSQL types. Source: spec types §3. */
#ifndef RIVET_SOURCE_POSTGRES_OVERRIDE_H
#define RIVET_SOURCE_POSTGRES_OVERRIDE_H

#include "source/postgres/catalog.h"
#include "source/rules.h"

/* Changes the field's type, decoder and select expression. ERR_CONFIG when the type can hold no
 * value of the column. */
MUST_USE bool pg_apply_override(const ColumnOverride *override, const PgCatalogColumn *column,
                                TypeFamily family, const char *quoted_name, Arena *arena,
                                PgField *field, Error *err);

#endif
