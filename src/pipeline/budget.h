/* budget.h: how max_memory_mb becomes limits of one worker.
 *
 * Source  spec: extraction §6, parquet §3.2, behaviour §5 (batch_size_memory_mb) */
#ifndef RIVET_PIPELINE_BUDGET_H
#define RIVET_PIPELINE_BUDGET_H

#include "pipeline/unit.h"

/* Memory below which no worker can go: what it needs to write, and what its upload holds whatever
 * the budget says. */
int64_t budget_worker_min_mb(const ExportConfig *export);

/* Shares for `workers` workers of one process, none below budget_worker_min_mb. */
Budget budget_share(const Config *config, const ExportConfig *export, int64_t workers);

/* Rows of one fetch for rows estimated at row_estimate_bytes. */
size_t budget_fetch_rows(const Tuning *tuning, size_t row_estimate_bytes);

#endif
