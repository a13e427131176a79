/* run.h: the way in from the command line: run exports, one after another.
 *
 * The main thread owns the state database and everything in RunContext; each export has a worker
 * thread that owns its connection, batch, writer and upload.
 * Source  spec: behaviour §1, delivery §2 */
#ifndef RIVET_PIPELINE_RUN_H
#define RIVET_PIPELINE_RUN_H

#include "config/config.h"
#include "pipeline/progress.h"
#include "pipeline/result.h"
#include "state/state.h"

typedef struct RunContext {
    const Config *config;
    const ConfigOptions *config_options;
    State *state;
    bool validates;
    bool reconciles;
    bool resumes;             /* --resume: continue unfinished checkpointed chunk runs */
    int64_t parallel_exports; /* exports of this process at once: they share max_memory_mb */
    ExportProgress *progress; /* of the export about to run; NULL: nobody watches */
    struct CompressPool *compress_pool; /* the process's helpers (format.h); NULL: none */
} RunContext;

/* Runs one export to its end, whatever that is: the outcome, error included, is in *result, and
 * the metrics row is written, save where another process holds the export. */
void export_run(const RunContext *context, const ExportConfig *export, ExportResult *result);

#endif
