#include "cli/run_exports.h"

#include "cli/progress.h"
#include "cli/report.h"
#include "cli/summary_json.h"
#include "cli/terminal.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::run"

void
run_exports_report(const RunOutput *output, const ExportResult *result)
{
    Buffer text = {0};

    if (result->status == STATUS_FAILED) {
        char message[sizeof(result->error.message) + sizeof(result->error.context)];
        error_format(&result->error, message, sizeof(message));
        log_error(MODULE, "export '%s' failed: %s", result->export->name, message);
    }
    if (!output->arguments->quiet)
        report_summary(result, &text);
    terminal_print(&text);
    buffer_release(&text);
    if (output->notifier == NULL)
        return;
    json_t *item = summary_json_export(result);
    notify_export(output->notifier, item);
    json_decref(item);
}

int
run_exports_end(const RunOutput *output, const ExportResult *results, size_t count)
{
    progress_stop(output->progress);
    report_failures(results, count);
    return run_output_end(output, results, count, result_exit_status(results, count));
}

int
run_exports_in_order(const RunContext *context, const RunOutput *output,
                     const ExportConfig *exports, size_t count)
{
    ExportResult *results = memory_alloc_zero(count, sizeof(*results));
    RunContext own = *context;
    size_t ran = 0;

    /* A failed export does not stop the later ones, a signal does. */
    while (ran < count && interrupt_signal() == 0) {
        own.progress = progress_of(output->progress, ran);
        export_run(&own, &exports[ran], &results[ran]);
        run_exports_report(output, &results[ran++]);
    }
    int status = run_exports_end(output, results, ran);
    free(results);
    return status;
}
