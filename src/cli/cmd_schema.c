#include "cli/commands.h"
#include "cli/config_schema.h"
#include "cli/table.h"

int
cmd_schema_config(const Arguments *arguments)
{
    (void)arguments;
    table_print_json(config_schema());
    return 0;
}
