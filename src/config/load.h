/* load.h: loading from memory, for tests. */
#ifndef RIVET_CONFIG_LOAD_H
#define RIVET_CONFIG_LOAD_H

#include "config/config.h"

/* As config_load with the content of options->path given; that file is not opened. */
MUST_USE bool config_load_text(const ConfigOptions *options, const char *yaml, size_t size_bytes,
                               Config **out, Error *err);

#endif
