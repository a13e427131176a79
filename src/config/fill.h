/* fill.h: from YAML nodes to typed fields, by the option tables.
 *
 * Defaults  every field with an `initial` holds it when the file says nothing.
 * Errors    ERR_CONFIG: wrong type, out of range, unknown word (the message lists the words),
 *           missing required field, a field or word not available in this version, and unknown keys
 *           when the options of load are strict; otherwise those become warnings. */
#ifndef RIVET_CONFIG_FILL_H
#define RIVET_CONFIG_FILL_H

#include "config/raw_config.h"

MUST_USE bool fill_config(LoadContext *load, const Node *root, RawConfig *raw, Error *err);

#endif
