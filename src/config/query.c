#include "config/expand.h"
#include "config/input.h"
#include "config/load_context.h"

static const char *
query_file_path(const Config *config, const char *query_file, Arena *arena)
{
    if (*query_file == '/' || strcmp(config->directory, ".") == 0)
        return query_file;
    return arena_format(arena, "%s/%s", config->directory, query_file);
}

static bool
read_query_file(const LoadContext *load, const Config *config, const ExportConfig *export,
                const char **text, Error *err)
{
    const char *path = query_file_path(config, export->query_file, load->arena);
    size_t size_bytes;
    char reason[128];
    int failure = input_read(path, load->arena, text, &size_bytes);

    if (failure != 0)
        return config_fail(load, 0, err,
                           "export '%s': cannot read query_file '%s': %s (os error %d)",
                           export->name, config_shown(load, path),
                           strerror_r(failure, reason, sizeof(reason)), failure);
    if (strlen(*text) != size_bytes)
        return config_fail(load, 0, err, "export '%s': query_file '%s' holds a NUL character",
                           export->name, config_shown(load, path));
    return true;
}

bool
config_resolve_query(const Config *config, const ExportConfig *export, const ConfigOptions *options,
                     Arena *arena, const char **query, Error *err)
{
    LoadContext load = {.arena = arena, .options = &(ConfigOptions){.path = config->path}};
    const ExpandScope scope = {
        .params = options->params,
        .param_count = options->param_count,
        .is_query = true,
        .kind = &config->source.kind,
    };
    const char *text = export->query;
    ExpandFailure failure = {0};

    if (text == NULL && !read_query_file(&load, config, export, &text, err))
        return false;
    if (!expand_text(&scope, text, arena, query, &failure)) {
        expand_set_error(&load, 0, arena_format(arena, "export '%s': ", export->name), &failure,
                         err);
        return false;
    }
    if ((*query)[strspn(*query, " \t\r\n")] == '\0')
        return config_fail(&load, 0, err, "export '%s': the query is empty", export->name);
    return true;
}
