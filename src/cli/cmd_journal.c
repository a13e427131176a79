#include "cli/commands.h"
#include "cli/history.h"
#include "cli/table.h"

static bool
print_journal(State *state, const Arguments *arguments, Arena *arena, Error *err)
{
    EventRow *rows = NULL;
    size_t count = 0;

    if (state != NULL && !state_event_list(state, arguments->run, arena, &rows, &count, err))
        return false;
    if (arguments->json) {
        json_t *list = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(list, json_pack("{so so so}", "at", table_json_text(rows[i].at),
                                                  "kind", table_json_text(rows[i].kind), "detail",
                                                  table_json_text(rows[i].detail)));
        table_print_json(list);
        return true;
    }
    if (count == 0)
        printf("No events recorded for run '%s'.\n", arguments->run);
    for (size_t i = 0; i < count; i++)
        printf("%s  %-16s %s\n", rows[i].at, rows[i].kind, table_or_dash(rows[i].detail));
    return true;
}

int
cmd_journal(const Arguments *arguments)
{
    return history_command(arguments, print_journal);
}
