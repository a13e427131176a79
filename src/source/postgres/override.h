/* override.h: columns: { name: type } on PostgreSQL types. Source: spec types §3. */
#ifndef RIVET_SOURCE_POSTGRES_OVERRIDE_H
#define RIVET_SOURCE_POSTGRES_OVERRIDE_H

#include "source/postgres/catalog.h"
#include "source/rules.h"

/* The column an override is for. */
typedef struct PgOverride {
    const PgCatalogColumn *column;
    const TypeRules *rules;
    TypeFamily family;
    const char *quoted_name;
    Arena *arena;
} PgOverride;

/* Changes type, decoder and select expression of a field that has those of its natural type.
 * ERR_CONFIG when the type asked for can hold no value of the column. */
MUST_USE bool pg_apply_override(const ColumnOverride *override, const PgOverride *on,
                                PgField *field, Error *err);

#endif
