/* validate.h: what a typed configuration must fulfil as a whole; the first violation wins.
 *
 * Order and message parts: spec config §7, then the rejects of its US paragraph and of §10. Texts
 * that need parsing (sizes, durations) are parsed here, into the typed result. */
#ifndef RIVET_CONFIG_VALIDATE_H
#define RIVET_CONFIG_VALIDATE_H

#include "config/raw_config.h"

/* Also merges tuning. */
MUST_USE bool validate_config(LoadContext *load, RawConfig *raw, Error *err);

/* Its parts. */
MUST_USE bool validate_source(LoadContext *load, const RawConfig *raw, Error *err);
MUST_USE bool validate_export(LoadContext *load, const RawConfig *raw, RawExport *export,
                              Error *err);

#endif
