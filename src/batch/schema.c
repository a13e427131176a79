#include "batch/schema.h"

size_t
schema_find(const Schema *schema, const char *name)
{
    size_t i = 0;

    while (i < schema->column_count && strcmp(schema->columns[i].name, name) != 0)
        i++;
    return i;
}
