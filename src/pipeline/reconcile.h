/* reconcile.h: the source's own count of the rows that are read (--reconcile).
 *
 * A source that does not count is no reason to lose an export: that is said in a warning, and the
 * summary has nothing to compare.
 * Thread  the worker's, on the connection and in the snapshot of the read.
 * Source  spec: behaviour §17 */
#ifndef RIVET_PIPELINE_RECONCILE_H
#define RIVET_PIPELINE_RECONCILE_H

#include "source/source.h"

typedef struct SourceCount {
    bool is_known;
    bool is_connection_lost; /* then it is not known, and the connection is good for nothing */
    uint64_t row_count;
} SourceCount;

/* range NULL: all rows of the query. */
SourceCount reconcile_count(const char *export_name, Source *source, const ReadPlan *plan,
                            const ReadRange *range);

#endif
