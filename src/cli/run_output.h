/* run_output.h: what a run hands to others: the summary as JSON, metrics as a file, messages.
 *
 * Use     run_output_begin before the work, so that what cannot be written is told early; then
 *         run_output_end with the results of the exports that ran; run_output_release always. */
#ifndef RIVET_CLI_RUN_OUTPUT_H
#define RIVET_CLI_RUN_OUTPUT_H

#include <jansson.h>

#include "cli/command.h"
#include "cli/notify.h"
#include "pipeline/result.h"

typedef struct RunOutput {
    const Arguments *arguments;
    int64_t started_us;
    struct Progress *progress; /* NULL: nothing is shown (progress.h) */
    Notifier *notifier;        /* NULL: nobody is told */
} RunOutput;

/* ERR_USAGE: --json beside an export that writes to stdout; ERR_IO. */
MUST_USE bool run_output_begin(const Arguments *arguments, const Config *config,
                               const ExportConfig *exports, size_t count, RunOutput *output,
                               Error *err);
void run_output_release(RunOutput *output);

/* Is the summary of any export asked for? */
bool run_output_is_wanted(const RunOutput *output);

/* Writes what is asked for; returns the exit status, which is an error's when that fails. */
int run_output_end(const RunOutput *output, const ExportResult *results, size_t count, int status);
/* The same from the items of summary_json_export, which it takes over. */
int run_output_end_json(const RunOutput *output, json_t *exports, int status);

#endif
