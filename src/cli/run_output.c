#include "cli/run_output.h"

#include "cli/metrics_file.h"
#include "cli/output_file.h"
#include "cli/report.h"
#include "cli/summary_json.h"
#include "cli/table.h"
#include "util/clock.h"

static bool
check_stdout(const Arguments *arguments, const ExportConfig *exports, size_t count, Error *err)
{
    for (size_t i = 0; arguments->json && i < count; i++)
        if (exports[i].destination.kind == DESTINATION_STDOUT)
            return error_set(err, ERR_USAGE,
                             "--json and export '%s' both write to standard output; use "
                             "--summary-output FILE",
                             exports[i].name);
    return true;
}

bool
run_output_begin(const Arguments *arguments, const Config *config, const ExportConfig *exports,
                 size_t count, RunOutput *output, Error *err)
{
    *output = (RunOutput){.arguments = arguments, .started_us = clock_now_us()};
    if (!check_stdout(arguments, exports, count, err) ||
        (arguments->summary_output != NULL && !output_file_check(arguments->summary_output, err)) ||
        (arguments->metrics_file != NULL && !output_file_check(arguments->metrics_file, err)))
        return false;
    if (!arguments->no_notify)
        output->notifier = notifier_new(config);
    return true;
}

void
run_output_release(RunOutput *output)
{
    notifier_free(output->notifier);
    *output = (RunOutput){0};
}

bool
run_output_is_wanted(const RunOutput *output)
{
    const Arguments *arguments = output->arguments;

    return arguments->json || arguments->summary_output != NULL ||
           arguments->metrics_file != NULL || output->notifier != NULL;
}

static bool
write_summary(const char *path, const json_t *document, Error *err)
{
    char *text = json_dumps(document, JSON_INDENT(2));
    Buffer content = {0};

    buffer_append_text(&content, text);
    buffer_append_byte(&content, '\n');
    free(text);
    bool ok = output_file_replace(path, &content, err);
    buffer_release(&content);
    return ok;
}

static bool
write_metrics(const char *path, const json_t *document, int64_t finished_us, Error *err)
{
    Buffer content = {0};

    metrics_file_text(document, finished_us, &content);
    bool ok = output_file_replace(path, &content, err);
    buffer_release(&content);
    return ok;
}

int
run_output_end_json(const RunOutput *output, json_t *exports, int status)
{
    const Arguments *arguments = output->arguments;
    Error err = ERROR_INIT;
    SummaryFacts facts = {
        .config_path = arguments->config,
        .started_us = output->started_us,
        .finished_us = clock_now_us(),
        .exit_status = status,
    };
    json_t *document = summary_json(&facts, exports);

    bool ok = (arguments->summary_output == NULL ||
               write_summary(arguments->summary_output, document, &err)) &&
              (arguments->metrics_file == NULL ||
               write_metrics(arguments->metrics_file, document, facts.finished_us, &err));
    if (!ok && status == 0)
        status = report_error(&err);
    else if (!ok)
        (void)report_error(&err);
    notify_run(output->notifier, document);
    if (arguments->json)
        table_print_json(document);
    else
        json_decref(document);
    return status;
}

int
run_output_end(const RunOutput *output, const ExportResult *results, size_t count, int status)
{
    if (!run_output_is_wanted(output))
        return status;
    json_t *exports = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(exports, summary_json_export(&results[i]));
    return run_output_end_json(output, exports, status);
}
