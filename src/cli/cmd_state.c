#include "cli/commands.h"
#include "cli/history.h"
#include "cli/prepare.h"
#include "cli/report.h"
#include "cli/table.h"
#include "pipeline/reset.h"

/* ---- state show ---- */

static void
print_cursors_json(const CursorRow *rows, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{so so so}", "export",
                                              table_json_text(rows[i].export_name), "last_cursor",
                                              table_json_text(rows[i].value), "last_run",
                                              table_json_text(rows[i].run_at)));
    table_print_json(list);
}

static bool
print_cursors(State *state, const Arguments *arguments, Arena *arena, Error *err)
{
    CursorRow *rows = NULL;
    size_t count = 0;

    if (state != NULL && !state_cursor_list(state, arena, &rows, &count, err))
        return false;
    if (arguments->json) {
        print_cursors_json(rows, count);
        return true;
    }
    if (count == 0) {
        puts("No state recorded yet.");
        return true;
    }
    printf("%-30s %-40s %s\n", "EXPORT", "LAST CURSOR", "LAST RUN");
    table_rule(90);
    for (size_t i = 0; i < count; i++)
        printf("%-30s %-40s %s\n", rows[i].export_name, table_or_dash(rows[i].value),
               table_or_dash(rows[i].run_at));
    return true;
}

int
cmd_state_show(const Arguments *arguments)
{
    return history_command(arguments, print_cursors);
}

/* ---- state files ---- */

static void
print_files_json(const FileRow *rows, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list,
            json_pack("{so so so sI sI so so so}", "run_id", table_json_text(rows[i].run_id),
                      "export", table_json_text(rows[i].export_name), "file",
                      table_json_text(rows[i].file_name), "rows", (json_int_t)rows[i].row_count,
                      "bytes", (json_int_t)rows[i].bytes, "format", table_json_text(rows[i].format),
                      "compression", table_json_text(rows[i].compression), "created_at",
                      table_json_text(rows[i].created_at)));
    table_print_json(list);
}

static bool
print_files(State *state, const Arguments *arguments, Arena *arena, Error *err)
{
    FileRow *rows = NULL;
    size_t count = 0;

    if (state != NULL &&
        !state_file_list(state, arguments->export, arguments->last, arena, &rows, &count, err))
        return false;
    if (arguments->json) {
        print_files_json(rows, count);
        return true;
    }
    if (count == 0) {
        puts("No files recorded yet.");
        return true;
    }
    printf("%-35s %-40s %8s %10s %s\n", "RUN ID", "FILE", "ROWS", "BYTES", "CREATED");
    table_rule(110);
    for (size_t i = 0; i < count; i++) {
        char size[HUMAN_BYTES];
        report_human_size((uint64_t)rows[i].bytes, size);
        printf("%-35s %-40s %8" PRId64 " %10s %s\n", rows[i].run_id, rows[i].file_name,
               rows[i].row_count, size, rows[i].created_at);
    }
    return true;
}

int
cmd_state_files(const Arguments *arguments)
{
    return history_command(arguments, print_files);
}

/* ---- state reset ---- */

static bool
reset_and_say(State *state, const Arguments *arguments, Arena *arena, Error *err)
{
    Config *config = NULL;
    const DestinationConfig *place = NULL;
    bool found = false;

    (void)arena;
    bool ok = state == NULL || (prepare_place(arguments, &config, &place, err) &&
                                reset_export(state, arguments->export, place, &found, err));
    config_free(config);
    if (!ok)
        return false;
    if (arguments->json)
        table_print_json(json_pack("{ss sb}", "export", arguments->export, "reset", found));
    else if (found)
        printf("State reset for export '%s'.\n", arguments->export);
    else
        printf("nothing stored for '%s'\n", arguments->export);
    return true;
}

int
cmd_state_reset(const Arguments *arguments)
{
    return history_command(arguments, reset_and_say);
}
