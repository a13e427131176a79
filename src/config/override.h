/* override.h: the type words of exports[].columns. Source: spec types §3. */
#ifndef RIVET_CONFIG_OVERRIDE_H
#define RIVET_CONFIG_OVERRIDE_H

#include "config/config.h"

/* Sets kind, precision and scale. False when text is no type; *reason then says why, static. */
bool override_parse(const char *text, ColumnOverride *override, const char **reason);

#endif
