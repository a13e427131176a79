/* rules.h: what the configuration may turn a source's type into.
 *
 * Both sources first put a native type into a family; which overrides a family allows is the same
 * for both. An override changes the representation, never the value: whether each value fits is
 * checked as it arrives.
 * Source  spec: types §3. */
#ifndef RIVET_SOURCE_RULES_H
#define RIVET_SOURCE_RULES_H

#include "batch/schema.h"
#include "config/config.h"
#include "util/arena.h"

typedef enum TypeFamily {
    FAMILY_BOOL,
    FAMILY_INTEGER,
    FAMILY_DECIMAL,
    FAMILY_FLOAT,
    FAMILY_TEXT,
    FAMILY_JSON,
    FAMILY_BINARY,
    FAMILY_UUID,
    FAMILY_DATE,
    FAMILY_TIME,
    FAMILY_TIMESTAMP,
    FAMILY_TIMESTAMPTZ,
    FAMILY_DURATION, /* interval; MySQL's TIME */
    FAMILY_LIST,
    FAMILY_OTHER, /* only its text is known */
} TypeFamily;

/* The override of the column called name, or NULL. */
const ColumnOverride *rules_find_override(const TypeRules *rules, const char *name);

/* Every override names a column of the schema, else ERR_CONFIG. */
MUST_USE bool rules_check_overrides(const TypeRules *rules, const Schema *schema, Error *err);

/* The logical type an override stands for; ERR_CONFIG when no value of the family can be kept in
 * it. source_type is for the message. */
MUST_USE bool rules_override_type(const ColumnOverride *override, TypeFamily family,
                                  const char *source_type, Type *type, Error *err);

/* numeric(p,s), DECIMAL(p,s): the DECIMAL type that holds it exactly, scale below 0 or above
 * precision included; false when 38 digits do not suffice. */
bool rules_decimal_type(int precision, int scale, Type *type);

/* "columns: { total: text } takes it", the end of a message about a value. */
const char *rules_remedy(Arena *arena, const char *column, const char *words);

#endif
