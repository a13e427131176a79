#include "cli/prepare.h"

#include "util/log.h"

void
prepare_log(const Arguments *arguments)
{
    bool is_json = arguments->log_format != NULL && strcmp(arguments->log_format, "json") == 0;

    log_init(&(LogOptions){.is_json = is_json, .is_plain = arguments->no_color});
}

bool
prepare_config(const Arguments *arguments, const char *module, ConfigOptions *options,
               Config **config, Error *err)
{
    options->path = arguments->config;
    options->params = arguments->params;
    options->param_count = arguments->param_count;
    options->is_strict = arguments->strict;
    prepare_log(arguments);
    if (!config_load(options, config, err))
        return false;
    for (size_t i = 0; i < (*config)->warning_count; i++)
        log_warn(module, "%s", (*config)->warnings[i]);
    return true;
}

bool
prepare_exports(const Config *config, const Arguments *arguments, const ExportConfig **first,
                size_t *count, Error *err)
{
    *first = config->exports;
    *count = config->export_count;
    if (arguments->export == NULL)
        return true;
    *count = 1;
    return config_find_export(config, arguments->export, first, err);
}

bool
prepare_place(const Arguments *arguments, Config **config, const DestinationConfig **place,
              Error *err)
{
    const ConfigOptions options = {
        .path = arguments->config,
        .params = arguments->params,
        .param_count = arguments->param_count,
        .allows_unset_in_queries = true,
    };
    const ExportConfig *export = NULL;
    Error not_found = ERROR_INIT;

    *config = NULL;
    *place = NULL;
    if (arguments->config == NULL || arguments->export == NULL)
        return true;
    if (!config_load(&options, config, err))
        return false;
    if (config_find_export(*config, arguments->export, &export, &not_found))
        *place = &export->destination;
    return true;
}
