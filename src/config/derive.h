/* derive.h: the last step of loading: values that depend on several fields, from a valid raw
 * configuration to the typed one. */
#ifndef RIVET_CONFIG_DERIVE_H
#define RIVET_CONFIG_DERIVE_H

#include "config/raw_config.h"

/* Fills everything of out but arena, path and directory. */
void derive_config(LoadContext *load, RawConfig *raw, Config *out);

#endif
