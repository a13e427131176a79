#include "batch/schema.h"

size_t
schema_find(const Schema *schema, const char *name)
{
    size_t i = 0;

    while (i < schema->column_count && strcmp(schema->columns[i].name, name) != 0)
        i++;
    return i;
}

size_t
schema_estimate_row_bytes(const Schema *schema)
{
    size_t bytes = 0;

    for (size_t i = 0; i < schema->column_count; i++)
        bytes += type_estimate_bytes(&schema->columns[i].type) + 1;
    return size_max(bytes, 1);
}
