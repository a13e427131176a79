/* target.h: what `target:` sets for the reader it names, line by line with the reason.
 *
 * A row changes one option, and only where the file does not set that option itself. The table is
 * introspectable for the docs. */
#ifndef RIVET_CONFIG_TARGET_H
#define RIVET_CONFIG_TARGET_H

#include "config/raw_config.h"

typedef enum TargetOption {
    TARGET_SETS_TYPES,
    TARGET_SETS_ENCODING,
    TARGET_SETS_SPARK_COMPAT,
} TargetOption;

typedef struct TargetRow {
    Target target;
    TargetOption option;
    unsigned value; /* of the option's enum, or a bool */
    const char *reason;
} TargetRow;

const TargetRow *target_rows(size_t *count);

void target_apply(RawExport *export);

/* A sentence when the export's settings give a file its target cannot read; NULL: none known. */
const char *target_warning(const ExportConfig *export);

#endif
