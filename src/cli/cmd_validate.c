#include <errno.h>

#include "cli/commands.h"
#include "cli/prepare.h"
#include "cli/report.h"
#include "cli/table.h"
#include "pipeline/validate.h"
#include "util/file.h"
#include "util/memory.h"

#define MODULE "rivet::validate"

enum { EXIT_MISMATCH = 3, MANIFEST_BYTES_MAX = 256 << 20 };

/* What has been looked at so far. */
typedef struct Report {
    json_t *list; /* with --json */
    size_t run_count;
    size_t failed_count; /* parts */
    Arena arena;
} Report;

/* ---- output ---- */

static void
add_json(const Validation *run, Report *report)
{
    json_t *problems = json_array();

    for (size_t i = 0; i < run->part_count; i++)
        if (run->parts[i].problem.code != ERR_NONE)
            json_array_append_new(problems, json_pack("{ss ss}", "file", run->parts[i].key,
                                                      "problem", run->parts[i].problem.message));
    json_array_append_new(
        report->list, json_pack("{ss ss sI sI sI sb so}", "run_id", run->run_id, "export",
                                run->export_name, "files", (json_int_t)run->part_count, "rows",
                                (json_int_t)run->row_count, "bytes", (json_int_t)run->byte_count,
                                "valid", run->failed_count == 0, "problems", problems));
}

static void
print_text(const Validation *run)
{
    char size[HUMAN_BYTES];

    report_human_size(run->byte_count, size);
    printf("%s %s: %zu files, %" PRIu64 " rows, %s\n", run->failed_count == 0 ? "[OK]  " : "[FAIL]",
           run->run_id, run->part_count, run->row_count, size);
    for (size_t i = 0; i < run->part_count; i++)
        if (run->parts[i].problem.code != ERR_NONE)
            printf("       %s: %s\n", run->parts[i].key, run->parts[i].problem.message);
}

static void
say(const Validation *run, Report *report)
{
    report->run_count++;
    report->failed_count += run->failed_count;
    if (report->list != NULL)
        add_json(run, report);
    else
        print_text(run);
}

/* ---- one manifest ---- */

static bool
read_text(const char *path, Buffer *text, Error *err)
{
    int failure = file_read(path, MANIFEST_BYTES_MAX, text);

    return failure == 0 || error_set_errno(err, ERR_IO, failure, "cannot read '%s'", path);
}

/* <directory>/_rivet/<export>/<file>: its parts lie in <directory>. */
static const char *
directory_of_parts(const char *path, Arena *arena)
{
    const char *end = path + strlen(path);

    for (int level = 0; level < 3 && end != NULL; level++) {
        const char *slash = NULL;
        for (const char *at = path; at < end; at++)
            slash = *at == '/' ? at : slash;
        end = slash;
    }
    if (end == NULL)
        return NULL;
    return end == path ? "/" : arena_dup_bytes(arena, path, (size_t)(end - path));
}

static bool
validate_file(const char *path, Report *report, Error *err)
{
    char *real = realpath(path, NULL);
    Destination *dest = NULL;
    Buffer text = {0};
    Validation run;
    bool ok = real != NULL || error_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
    const char *directory = ok ? directory_of_parts(real, &report->arena) : NULL;

    if (ok && directory == NULL)
        ok = error_set(err, ERR_IO, "'%s' does not lie in <directory>/_rivet/<export>/", path);
    const DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = directory};
    ok = ok && read_text(real, &text, err) && destination_connect(&config, &dest, err) &&
         validate_manifest(buffer_text(&text), dest, &report->arena, &run, err);
    if (ok)
        say(&run, report);
    destination_free(dest);
    buffer_release(&text);
    free(real);
    return ok;
}

/* ---- the runs of a configuration ---- */

static bool
validate_runs(State *state, const ExportConfig *export, const RunRow *runs, size_t count,
              Report *report, Error *err)
{
    Destination *dest = NULL;
    bool exists = true;

    if (count == 0 || export->destination.kind == DESTINATION_STDOUT)
        return true;
    bool ok = destination_exists(&export->destination, &exists, err);
    if (ok && !exists)
        ok = error_set(err, ERR_UNAVAILABLE, "'%s' does not exist (is a volume not mounted?)",
                       export->destination.path);
    ok = ok && destination_connect(&export->destination, &dest, err);
    for (size_t i = count; ok && i > 0; i--) {
        Validation run;
        ok = validate_run(state, &runs[i - 1], export, dest, &report->arena, &run, err);
        if (ok)
            say(&run, report);
    }
    destination_free(dest);
    return ok;
}

static bool
validate_latest(State *state, const ExportConfig *export, int64_t last, Report *report, Error *err)
{
    RunRow *runs = NULL;
    size_t count = 0;

    if (!state_run_list(state, export->name, "done", &report->arena, &runs, &count, err))
        return false;
    size_t wanted = size_min((size_t)last, count);
    return validate_runs(state, export, runs + (count - wanted), wanted, report, err);
}

static bool
validate_one(State *state, const Config *config, const char *run_id, Report *report, Error *err)
{
    const ExportConfig *export = NULL;
    RunRow run = {0};
    bool found = false;

    if (!state_run_get(state, run_id, &report->arena, &run, &found, err))
        return false;
    if (!found)
        return error_set(err, ERR_CONFIG, "no run '%s' is recorded", run_id);
    if (strcmp(run.status, "done") != 0)
        return error_set(err, ERR_CONFIG, "run '%s' is %s, not done", run_id, run.status);
    return config_find_export(config, run.export_name, &export, err) &&
           validate_runs(state, export, &run, 1, report, err);
}

static bool
validate_configured(State *state, const Config *config, const Arguments *arguments, Report *report,
                    Error *err)
{
    const ExportConfig *first = NULL;
    size_t count = 0;

    if (arguments->run != NULL)
        return validate_one(state, config, arguments->run, report, err);
    bool ok = prepare_exports(config, arguments, &first, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = validate_latest(state, &first[i], arguments->last, report, err);
    return ok;
}

static bool
validate_config(const Arguments *arguments, Report *report, Error *err)
{
    ConfigOptions options = {0};
    Config *config = NULL;
    State *state = NULL;

    bool ok = prepare_config(arguments, MODULE, &options, &config, err);
    if (ok) {
        const char *path =
            config_state_path(arguments->state, arguments->config, config, &report->arena);
        ok = state_open(path, false, &state, err);
    }
    if (ok && state == NULL && arguments->run != NULL)
        ok = error_set(err, ERR_CONFIG, "no run '%s' is recorded", arguments->run);
    if (ok && state != NULL)
        ok = validate_configured(state, config, arguments, report, err);
    state_close(state);
    config_free(config);
    return ok;
}

int
cmd_validate(const Arguments *arguments)
{
    Error err = ERROR_INIT;
    Report report = {.list = arguments->json ? json_array() : NULL};
    bool ok = (arguments->config == NULL) != (arguments->manifest == NULL) ||
              error_set(&err, ERR_USAGE, "give either --config or --manifest");

    ok = ok && (arguments->manifest != NULL ? validate_file(arguments->manifest, &report, &err)
                                            : validate_config(arguments, &report, &err));
    if (report.list != NULL)
        table_print_json(report.list);
    else if (ok && report.run_count == 0)
        puts("No finished runs recorded yet.");
    arena_release(&report.arena);
    if (!ok)
        return report_error(&err);
    return report.failed_count == 0 ? 0 : EXIT_MISMATCH;
}
