#include "cli/commands.h"
#include "cli/history.h"
#include "cli/prepare.h"
#include "cli/table.h"
#include "pipeline/reset.h"

/* ---- state chunks ---- */

typedef struct ChunkReport {
    ChunkRunRow run;
    ChunkTaskRow *tasks;
    size_t task_count;
} ChunkReport;

static json_t *
task_json(const ChunkTaskRow *task)
{
    return json_pack(
        "{sI so so so so sI so so so}", "index", (json_int_t)task->chunk_index, "status",
        table_json_text(task->status), "start", table_json_text(task->start_key), "end",
        table_json_text(task->end_key), "bounds", table_json_text(task->bounds), "attempts",
        (json_int_t)task->attempts, "rows",
        task->rows_written < 0 ? json_null() : json_integer((json_int_t)task->rows_written), "file",
        table_json_text(task->file_name), "error", table_json_text(task->last_error));
}

static void
print_chunks_json(const char *database, const ChunkReport *report, bool found)
{
    json_t *tasks = json_array();

    for (size_t i = 0; i < report->task_count; i++)
        json_array_append_new(tasks, task_json(&report->tasks[i]));
    table_print_json(
        json_pack("{ss so so so so so so so}", "database", database, "export",
                  table_json_text(report->run.export_name), "run_id",
                  table_json_text(report->run.run_id), "plan_hash",
                  table_json_text(report->run.plan_hash), "kind", table_json_text(report->run.kind),
                  "status", found ? table_json_text(report->run.status) : json_null(), "updated_at",
                  table_json_text(report->run.updated_at), "tasks", tasks));
}

static void
print_task(const ChunkTaskRow *task)
{
    char rows[24] = "-";

    if (task->rows_written >= 0)
        snprintf(rows, sizeof(rows), "%" PRId64, task->rows_written);
    printf("%-6" PRId64 " %-12s %-18s %-18s %4" PRId64 " %8s %s\n", task->chunk_index, task->status,
           task->start_key, task->end_key, task->attempts, rows, table_or_dash(task->file_name));
    if (task->last_error != NULL)
        printf("       error: %s\n", task->last_error);
}

static void
print_chunks_table(const ChunkReport *report)
{
    printf("export:     %s\n", report->run.export_name);
    printf("run_id:     %s\n", report->run.run_id);
    printf("plan_hash:  %s\n", report->run.plan_hash);
    printf("status:     %s\n", report->run.status);
    printf("updated_at: %s\n\n", report->run.updated_at);
    printf("%-6s %-12s %-18s %-18s %4s %8s %s\n", "IDX", "STATUS", "START", "END", "ATT", "ROWS",
           "FILE");
    table_rule(90);
    for (size_t i = 0; i < report->task_count; i++)
        print_task(&report->tasks[i]);
    if (report->run.is_of_original)
        printf("\n%s\n", STATE_ORIGINAL_PLAN_HINT);
}

static bool
print_chunks(State *state, const Arguments *arguments, Arena *arena, Error *err)
{
    ChunkReport report = {0};
    bool found = false;
    const char *database =
        state != NULL ? state_path(state)
                      : config_state_path(arguments->state, arguments->config, NULL, arena);

    if (state != NULL &&
        !state_chunk_find_latest(state, arguments->export, arena, &report.run, &found, err))
        return false;
    if (found && !state_chunk_task_list(state, report.run.run_id, arena, &report.tasks,
                                        &report.task_count, err))
        return false;
    if (arguments->json) {
        print_chunks_json(database, &report, found);
        return true;
    }
    printf("database:   %s\n", database);
    if (found)
        print_chunks_table(&report);
    else
        printf("No chunk checkpoint data for export '%s'.\n", arguments->export);
    return true;
}

int
cmd_state_chunks(const Arguments *arguments)
{
    return history_command(arguments, print_chunks);
}

/* ---- state reset-chunks ---- */

static void
print_reset_json(const Arguments *arguments, const ChunkReset *reset)
{
    json_t *files = json_array();

    for (size_t i = 0; i < reset->file_count; i++)
        json_array_append_new(files, json_pack("{so so}", "destination",
                                               table_json_text(reset->files[i].destination), "key",
                                               table_json_text(reset->files[i].key)));
    table_print_json(json_pack("{ss sI so}", "export", arguments->export, "removed_runs",
                               (json_int_t)reset->run_count, "visible_files", files));
}

static bool
reset_and_say(State *state, const Arguments *arguments, Arena *arena, Error *err)
{
    Config *config = NULL;
    const DestinationConfig *place = NULL;
    ChunkReset reset = {0};

    bool ok = state == NULL || (prepare_place(arguments, &config, &place, err) &&
                                reset_chunks(state, arguments->export, place, arena, &reset, err));
    config_free(config);
    if (!ok)
        return false;
    if (arguments->json) {
        print_reset_json(arguments, &reset);
        return true;
    }
    printf("Removed %" PRId64 " chunk run(s) of export '%s'.\n", reset.run_count,
           arguments->export);
    for (size_t i = 0; i < reset.file_count; i++)
        printf("stays visible: %s/%s\n", table_or_dash(reset.files[i].destination),
               reset.files[i].key);
    return true;
}

int
cmd_state_reset_chunks(const Arguments *arguments)
{
    return history_command(arguments, reset_and_say);
}
