#include <unistd.h>

#include "cli/commands.h"
#include "cli/report.h"
#include "pipeline/run.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::run"

static void
print_summary(const ExportResult *result)
{
    Buffer text = {0};

    report_summary(result, &text);
    report_write(STDERR_FILENO, &text);
    buffer_release(&text);
}

static void
log_failure(const ExportResult *result)
{
    char message[sizeof(result->error.message) + sizeof(result->error.context)];

    error_format(&result->error, message, sizeof(message));
    log_error(MODULE, "export '%s' failed: %s", result->export->name, message);
}

/* "Error: first; second", then the hints: the last words of a failed run. */
static void
print_failures(const ExportResult *results, size_t count)
{
    Buffer text = {0};

    for (size_t i = 0; i < count; i++) {
        const Error *err = &results[i].error;
        char message[sizeof(err->message) + sizeof(err->context)];
        if (results[i].status != STATUS_FAILED)
            continue;
        error_format(err, message, sizeof(message));
        buffer_append_format(&text, "%s%s", text.size == 0 ? "Error: " : "; ", message);
    }
    if (text.size > 0)
        buffer_append_byte(&text, '\n');
    for (size_t i = 0; i < count; i++)
        if (results[i].status == STATUS_FAILED && results[i].error.hint != NULL)
            buffer_append_format(&text, "  hint: %s\n", results[i].error.hint);
    report_write(STDERR_FILENO, &text);
    buffer_release(&text);
}

/* One after another; a failed export does not stop the later ones, a signal does. */
static int
run_exports(const RunContext *context, const ExportConfig *first, size_t count)
{
    ExportResult *results = memory_alloc_zero(count, sizeof(*results));
    size_t ran = 0;

    while (ran < count && interrupt_signal() == 0) {
        ExportResult *result = &results[ran];
        export_run(context, &first[ran], result);
        ran++;
        if (result->status == STATUS_FAILED)
            log_failure(result);
        print_summary(result);
    }
    print_failures(results, ran);
    int status = result_exit_status(results, ran);
    free(results);
    return status;
}

static bool
select_exports(const Config *config, const Arguments *arguments, const ExportConfig **first,
               size_t *count, Error *err)
{
    *first = config->exports;
    *count = config->export_count;
    if (arguments->export == NULL)
        return true;
    *count = 1;
    return config_find_export(config, arguments->export, first, err);
}

static bool
start_log(const Arguments *arguments, Error *err)
{
    const char *format = arguments->log_format == NULL ? "text" : arguments->log_format;
    bool is_json = strcmp(format, "json") == 0;

    if (!is_json && strcmp(format, "text") != 0)
        return error_set(err, ERR_USAGE, "--log-format is text or json, not '%s'", format);
    log_init(&(LogOptions){.is_json = is_json});
    return true;
}

int
cmd_run(const Arguments *arguments)
{
    Error err = ERROR_INIT;
    Arena arena = {0};
    Config *config = NULL;
    State *state = NULL;
    const ExportConfig *first = NULL;
    size_t count = 0;
    int status = 0;
    ConfigOptions options = {
        .path = arguments->config,
        .params = arguments->params,
        .param_count = arguments->param_count,
        .is_strict = arguments->strict,
    };

    bool ok = start_log(arguments, &err) && config_load(&options, &config, &err);
    for (size_t i = 0; ok && i < config->warning_count; i++)
        log_warn(MODULE, "%s", config->warnings[i]);
    ok = ok && select_exports(config, arguments, &first, &count, &err) &&
         config_check_selection(first, count, &err);
    ok = ok && state_open(config_state_path(arguments->state, arguments->config, config, &arena),
                          true, &state, &err);
    if (ok) {
        RunContext context = {
            .config = config,
            .config_options = &options,
            .state = state,
            .validates = arguments->validate,
            .reconciles = arguments->reconcile,
        };
        status = run_exports(&context, first, count);
    } else {
        status = report_error(&err);
    }
    state_close(state);
    config_free(config);
    arena_release(&arena);
    return status;
}
