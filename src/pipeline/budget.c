#include "pipeline/budget.h"

enum {
    MIB = 1024 * 1024,
    WORKER_MIN_MB = 12,
    /* A batch stays in the second-level cache or close to it; more only costs memory. */
    BATCH_MAX_BYTES = 2 * MIB,
    FETCH_ROWS_MIN = 1000,
    FETCH_ROWS_MAX = 500000,
};

/* What an upload to a store holds: its parts under way and the one that fills. Never so much that
 * nothing is left to write with. */
static size_t
upload_share(const DestinationConfig *to, size_t share)
{
    if (to->kind != DESTINATION_S3 && to->kind != DESTINATION_GCS)
        return 0;
    return size_min((size_t)(to->upload_parallel + 1) * (size_t)to->part_mb * MIB, share / 4);
}

Budget
budget_share(const Config *config, const ExportConfig *export, int64_t workers)
{
    int64_t share_mb = config->max_memory_mb / workers;
    size_t share = (size_t)(share_mb < WORKER_MIN_MB ? WORKER_MIN_MB : share_mb) * MIB;
    size_t batch = size_min(share / 8, BATCH_MAX_BYTES);
    size_t unique = export->quality.unique_columns.count > 0 ? share / 4 : 0;

    return (Budget){
        .batch_bytes = batch,
        .writer_bytes = share - 2 * batch - unique - upload_share(&export->destination, share),
        .cell_bytes = share,
        .unique_bytes = unique,
    };
}

size_t
budget_fetch_rows(const Tuning *tuning, size_t row_estimate_bytes)
{
    if (!tuning->batch_size_memory_mb.is_set)
        return (size_t)tuning->batch_size;
    size_t rows =
        (size_t)tuning->batch_size_memory_mb.value * MIB / size_max(row_estimate_bytes, 1);
    return size_min(size_max(rows, FETCH_ROWS_MIN), FETCH_ROWS_MAX);
}
