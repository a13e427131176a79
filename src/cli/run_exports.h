/* run_exports.h: the selected exports of a run: one after another, in threads, or in processes.
 *
 * Output   each export's summary is one write on stderr, as it ends; the failures come last.
 * Returns  the exit status (result.h: the common one, else 1).
 * Source   spec: behaviour §20 */
#ifndef RIVET_CLI_RUN_EXPORTS_H
#define RIVET_CLI_RUN_EXPORTS_H

#include "cli/run_output.h"
#include "pipeline/run.h"

int run_exports_in_order(const RunContext *context, const RunOutput *output,
                         const ExportConfig *exports, size_t count);

/* All at once, a thread each with a state connection of its own; as many as the memory budget
 * gives a working share to. */
int run_exports_in_threads(const RunContext *context, const RunOutput *output,
                           const ExportConfig *exports, size_t count);

/* All at once, each in a child `rivet run --export <name>` that ends when its parent does. */
int run_exports_in_processes(const RunOutput *output, const ExportConfig *exports, size_t count);

/* What a finished export tells at once. From any thread. */
void run_exports_report(const RunOutput *output, const ExportResult *result);
/* What all of them tell at the end; returns the exit status. */
int run_exports_end(const RunOutput *output, const ExportResult *results, size_t count);

#endif
