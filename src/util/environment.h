/* environment.h: variables of the environment as their users mean them. */
#ifndef RIVET_UTIL_ENVIRONMENT_H
#define RIVET_UTIL_ENVIRONMENT_H

#include "util/base.h"

/* NULL where it is not set; an empty one is not set. */
static inline const char *
environment_value(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Where temporary files belong. */
static inline const char *
environment_temporary_directory(void)
{
    const char *directory = environment_value("TMPDIR");

    return directory == NULL ? "/tmp" : directory;
}

#endif
