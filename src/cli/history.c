#include "cli/history.h"

#include "cli/report.h"

int
history_command(const Arguments *arguments, HistoryPrint print)
{
    Error err = ERROR_INIT;
    Arena arena = {0};
    State *state = NULL;

    const char *path = config_state_path(arguments->state, arguments->config, NULL, &arena);
    bool ok = state_open(path, false, &state, &err) && print(state, arguments, &arena, &err);
    int status = ok ? 0 : report_error(&err);
    state_close(state);
    arena_release(&arena);
    return status;
}
