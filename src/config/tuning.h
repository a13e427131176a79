/* tuning.h: from tuning fields of source and export to the values a run uses. Source: spec config
 * §4. */
#ifndef RIVET_CONFIG_TUNING_H
#define RIVET_CONFIG_TUNING_H

#include "config/raw_config.h"

/* Each field of the export replaces the source's, the profile among them. */
TuningFields tuning_merge(const TuningFields *source, const TuningFields *export);

/* Both ways to size a batch at once. */
bool tuning_has_both_batch_fields(const TuningFields *fields);

/* False for a fetch method of the other kind of source. */
bool tuning_fetch_fits(const TuningFields *fields, SourceKind kind);

/* What the fields leave open comes from the profile; fetch auto becomes a method. */
Tuning tuning_resolve(const TuningFields *merged, SourceKind kind);

#endif
