#include "pipeline/budget.h"

enum {
    MIB = 1024 * 1024,
    WRITING_MIN_MB = 12, /* spec: extraction §6 */
    /* A batch stays in the second-level cache or close to it; more only costs memory. */
    BATCH_MAX_BYTES = 2 * MIB,
    FETCH_ROWS_MIN = 1000,
    FETCH_ROWS_MAX = 500000,
};

/* What the upload of a file holds: to S3 its parts under way and the one that fills, to Google
 * Cloud Storage the one that fills and then goes. */
static int64_t
upload_mb(const DestinationConfig *to)
{
    switch (to->kind) {
    case DESTINATION_S3:
        return (to->upload_parallel + 1) * to->part_mb;
    case DESTINATION_GCS:
        return to->part_mb;
    default:
        return 0;
    }
}

int64_t
budget_worker_min_mb(const ExportConfig *export)
{
    return WRITING_MIN_MB + upload_mb(&export->destination);
}

Budget
budget_share(const Config *config, const ExportConfig *export, int64_t workers)
{
    int64_t share_mb = config->max_memory_mb / workers;
    int64_t least_mb = budget_worker_min_mb(export);
    size_t share = (size_t)(share_mb < least_mb ? least_mb : share_mb) * MIB;
    size_t room = share - (size_t)upload_mb(&export->destination) * MIB;
    size_t batch = size_min(room / 8, BATCH_MAX_BYTES);
    size_t unique = export->quality.unique_columns.count > 0 ? room / 4 : 0;

    return (Budget){
        .batch_bytes = batch,
        .writer_bytes = room - 2 * batch - unique,
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
