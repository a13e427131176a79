/* types.h: which decoder and which logical type a column gets. Source: spec types §1, §3. */
#ifndef RIVET_SOURCE_POSTGRES_TYPES_H
#define RIVET_SOURCE_POSTGRES_TYPES_H

#include "source/postgres/catalog.h"

/* Fills the field for a column called name and its schema entry; texts in arena. *warning is set
 * when the type has no mapping of its own. ERR_CONFIG for an override that can never hold it. */
MUST_USE bool pg_choose_field(const PgCatalogColumn *column, const char *name,
                              const TypeRules *rules, Arena *arena, PgField *field,
                              ColumnSchema *schema, const char **warning, Error *err);

/* SQL for what the type's own output function prints: a cast to text may differ (inet, bpchar). */
const char *pg_output_text(const PgCatalogType *type, const char *quoted_name, Arena *arena);

#endif
