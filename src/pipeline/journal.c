#include "pipeline/journal.h"

#include "util/log.h"

#define MODULE "rivet::journal"

void
journal_add(State *state, const char *run_id, const char *kind, const char *format, ...)
{
    char detail[sizeof(((Error *)NULL)->message) + sizeof(((Error *)NULL)->context)];
    Error err = ERROR_INIT;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);
    if (!state_event_add(state, run_id, kind, detail, &err))
        log_warn(MODULE, "run '%s': '%s' is not in the journal: %s", run_id, kind, err.message);
}
