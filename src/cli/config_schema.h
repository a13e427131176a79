/* config_schema.h: the JSON Schema of the configuration file, out of the option tables.
 *
 * It accepts what the loader accepts, unknown keys included, for which rivet warns; what rivet
 * checks across fields it leaves to rivet.
 * Source  JSON Schema draft 2020-12; config/option.h */
#ifndef RIVET_CLI_CONFIG_SCHEMA_H
#define RIVET_CLI_CONFIG_SCHEMA_H

#include <jansson.h>

/* The caller drops it. */
json_t *config_schema(void);

#endif
