#include "cli/commands.h"
#include "cli/prepare.h"
#include "cli/report.h"
#include "cli/table.h"
#include "preflight/doctor.h"
#include "util/log.h"

#define MODULE "rivet::doctor"

static const char *const MARKS[] = {
    [FINDING_OK] = "[OK]  ", [FINDING_WARNING] = "[WARN] ", [FINDING_FAILURE] = "[FAIL] "};

static void
print_text(const Doctor *doctor, const char *config_path)
{
    printf("rivet doctor: verifying auth for config '%s'\n\n", config_path);
    for (size_t i = 0; i < doctor->count; i++) {
        const Finding *finding = &doctor->findings[i];
        printf("%s%s\n", MARKS[finding->level], finding->line);
        if (finding->remedy != NULL)
            printf("       remedy: %s\n", finding->remedy);
    }
    puts(doctor->has_failure ? "\nSome checks failed." : "\nAll checks passed.");
}

static void
print_json(const Doctor *doctor, const char *config_path)
{
    static const char *const LEVELS[] = {
        [FINDING_OK] = "ok", [FINDING_WARNING] = "warning", [FINDING_FAILURE] = "failure"};
    json_t *list = json_array();

    for (size_t i = 0; i < doctor->count; i++) {
        const Finding *finding = &doctor->findings[i];
        json_array_append_new(list, json_pack("{ss ss so so so so}", "level",
                                              LEVELS[finding->level], "kind", finding->kind,
                                              "label", table_json_text(finding->label), "category",
                                              table_json_text(finding->category), "message",
                                              table_json_text(finding->message), "remedy",
                                              table_json_text(finding->remedy)));
    }
    table_print_json(json_pack("{si so sb so}", "version", 1, "config",
                               table_json_text(config_path), "ok", !doctor->has_failure, "findings",
                               list));
}

int
cmd_doctor(const Arguments *arguments)
{
    Error err = ERROR_INIT;
    Arena arena = {0};
    Config *config = NULL;
    Doctor doctor = {0};
    ConfigOptions options = {.allows_unset_in_queries = true};

    bool ok = prepare_config(arguments, MODULE, &options, &config, &err);
    doctor_add_config(&doctor, &err);
    if (ok)
        doctor_examine(&doctor, config,
                       config_state_path(arguments->state, arguments->config, config, &arena));
    if (arguments->json)
        print_json(&doctor, arguments->config);
    else
        print_text(&doctor, arguments->config);
    int status = doctor.has_failure ? 1 : 0;
    doctor_release(&doctor);
    config_free(config);
    arena_release(&arena);
    return status;
}
