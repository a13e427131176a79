#include "cli/commands.h"
#include "cli/prepare.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/run_exports.h"
#include "format/parquet/compress_pool.h"

#define MODULE "rivet::run"

/* Parallel runs are for all exports of a configuration that has several; processes win. */
static int
run_selected(const RunContext *context, RunOutput *output, const ExportConfig *exports,
             size_t count)
{
    const Arguments *arguments = output->arguments;
    const Config *config = context->config;
    bool is_parallel = arguments->export == NULL && count > 1;
    bool has_processes =
        is_parallel && (arguments->parallel_processes || config->parallel_export_processes);

    output->progress = progress_start(arguments, exports, count, has_processes);
    if (has_processes)
        return run_exports_in_processes(output, exports, count);
    if (is_parallel && (arguments->parallel_threads || config->parallel_exports))
        return run_exports_in_threads(context, output, exports, count);
    return run_exports_in_order(context, output, exports, count);
}

/* As many helpers as the export that wants the most of them. */
static CompressPool *
make_compress_pool(const ExportConfig *exports, size_t count)
{
    int64_t most = 0;

    for (size_t i = 0; i < count; i++)
        if (exports[i].format == FORMAT_PARQUET && exports[i].parquet.encode_threads > most)
            most = exports[i].parquet.encode_threads;
    return compress_pool_new((size_t)most);
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
    ConfigOptions options = {0};
    RunOutput output = {0};

    bool ok = prepare_config(arguments, MODULE, &options, &config, &err) &&
              prepare_exports(config, arguments, &first, &count, &err) &&
              config_check_selection(first, count, &err) &&
              run_output_begin(arguments, config, first, count, &output, &err);
    ok = ok && state_open(config_state_path(arguments->state, arguments->config, config, &arena),
                          true, &state, &err);
    if (ok) {
        RunContext context = {
            .config = config,
            .config_options = &options,
            .state = state,
            .parallel_exports = 1,
            .compress_pool = make_compress_pool(first, count),
            .validates = arguments->validate,
            .reconciles = arguments->reconcile,
            .resumes = arguments->resume,
        };
        status = run_selected(&context, &output, first, count);
        compress_pool_free(context.compress_pool);
    } else {
        status = report_error(&err);
    }
    run_output_release(&output);
    state_close(state);
    config_free(config);
    arena_release(&arena);
    return status;
}
