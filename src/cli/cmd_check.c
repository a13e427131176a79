#include <unistd.h>

#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/prepare.h"
#include "cli/report.h"
#include "cli/table.h"
#include "pipeline/foresee.h"
#include "util/log.h"

#define MODULE "rivet::check"

static void
print_text(const Check *check, bool with_types)
{
    Buffer text = {0};

    for (size_t i = 0; i < check->count; i++)
        check_report_export(&check->exports[i], with_types, &text);
    check_report_server(check, &text);
    report_write(STDOUT_FILENO, &text);
    buffer_release(&text);
}

/* The reasons of the refused exports on stderr; 0, their common exit status, else 1. */
static int
report_refusals(const Check *check)
{
    int status = 0;

    for (size_t i = 0; i < check->count; i++) {
        const Error *err = &check->exports[i].error;
        if (err->code == ERR_NONE)
            continue;
        int own = report_error(err);
        status = status == 0 || status == own ? own : 1;
    }
    return status;
}

/* A check has run nothing: what it found wrong is an error of the configuration or the query, also
 * where a run would call it a failed check of the data or a changed schema. */
static int
check_exit_status(int status)
{
    bool is_of_data = status == error_exit_status(&(Error){.code = ERR_CHECK}) ||
                      status == error_exit_status(&(Error){.code = ERR_DRIFT});

    return is_of_data ? 1 : status;
}

int
cmd_check(const Arguments *arguments)
{
    Error err = ERROR_INIT;
    Arena arena = {0};
    Config *config = NULL;
    State *state = NULL;
    ConfigOptions options = {0};
    CheckRequest request = {.options = &options};
    Check check = {0};
    int status = 0;

    bool ok = prepare_config(arguments, MODULE, &options, &config, &err) &&
              prepare_exports(config, arguments, &request.exports, &request.count, &err) &&
              config_check_selection(request.exports, request.count, &err);
    ok = ok &&
         state_open_reading(config_state_path(arguments->state, arguments->config, config, &arena),
                            &state, &err);
    request.config = config;
    request.foresee = state == NULL ? NULL : foresee_run;
    request.history = state;
    if (ok && check_exports(&request, &check, &err)) {
        if (arguments->json)
            table_print_json(check_report_json(&check, arguments->config, arguments->types));
        else
            print_text(&check, arguments->types);
        status = check_exit_status(report_refusals(&check));
    } else {
        status = report_error(&err);
    }
    check_release(&check);
    state_close(state);
    config_free(config);
    arena_release(&arena);
    return status;
}
