#include "config/load_context.h"
#include "config/nearest.h"

enum { LISTED_NAMES = 10 };

/* "did you mean 'x'?", or the names there are. */
static const char *
suggestion_for(const Config *config, const char *name, Arena *arena)
{
    Nearest nearest = NEAREST_INIT(name);
    const char *names = "";

    for (size_t i = 0; i < config->export_count; i++)
        nearest_offer(&nearest, config->exports[i].name);
    if (nearest.best != NULL)
        return arena_format(arena, "did you mean '%s'?", nearest.best);
    for (size_t i = 0; i < size_min(config->export_count, LISTED_NAMES); i++)
        names = arena_format(arena, "%s%s%s", names, i == 0 ? "" : ", ", config->exports[i].name);
    return arena_format(arena, "it has: %s%s", names,
                        config->export_count > LISTED_NAMES ? ", ..." : "");
}

bool
config_find_export(const Config *config, const char *name, const ExportConfig **out, Error *err)
{
    for (size_t i = 0; i < config->export_count; i++) {
        if (strcmp(config->exports[i].name, name) == 0) {
            *out = &config->exports[i];
            return true;
        }
    }
    Arena arena = {0};
    LoadContext load = {.arena = &arena, .options = &(ConfigOptions){.path = config->path}};
    config_set_error(&load, 0, err, "export '%s' not found in config; %s",
                     config_shown(&load, name), suggestion_for(config, name, &arena));
    arena_release(&arena);
    return false;
}

bool
config_check_selection(const ExportConfig *exports, size_t count, Error *err)
{
    const ExportConfig *first = NULL;

    for (size_t i = 0; i < count; i++) {
        if (exports[i].destination.kind != DESTINATION_STDOUT)
            continue;
        if (first != NULL)
            return error_set(err, ERR_CONFIG,
                             "exports '%s' and '%s' both write to stdout, where their rows would "
                             "mix; run one of them with --export",
                             first->name, exports[i].name);
        first = &exports[i];
    }
    return true;
}
