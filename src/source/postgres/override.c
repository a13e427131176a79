#include "source/postgres/override.h"

#include "source/postgres/decode.h"

bool
pg_apply_override(const ColumnOverride *override, const PgCatalogColumn *column, TypeFamily family,
                  const char *quoted_name, Arena *arena, PgField *field, Error *err)
{
    Type type;

    if (!rules_override_type(override, family, column->declared, &type, err))
        return false;
    if (type.kind == TYPE_TEXT) {
        field->type = type;
        field->decode = pg_decode_text;
        field->select =
            arena_format(arena, "pg_catalog.textin(%s(%s))", column->type.output, quoted_name);
        return true;
    }
    return error_set(err, ERR_UNSUPPORTED, "columns: line %d: not available in this version",
                     override->line);
}
