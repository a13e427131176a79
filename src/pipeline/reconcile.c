#include "pipeline/reconcile.h"

#include "util/log.h"

#define MODULE "rivet::reconcile"

SourceCount
reconcile_count(const char *export_name, Source *source, const ReadPlan *plan,
                const ReadRange *range)
{
    Error err = ERROR_INIT;
    SourceCount count = {0};

    count.is_known = source_count_rows(source, plan, range, &count.row_count, &err);
    count.is_connection_lost = !count.is_known && err.code == ERR_UNAVAILABLE;
    /* Who asked to stop learns it from the next step. */
    if (!count.is_known && err.code != ERR_INTERRUPTED)
        log_warn(MODULE, "export '%s': reconcile: the source's rows could not be counted: %s",
                 export_name, err.message);
    return count;
}
