#include "cli/prepare.h"

#include "util/log.h"

bool
prepare_log(const Arguments *arguments, Error *err)
{
    const char *format = arguments->log_format == NULL ? "text" : arguments->log_format;
    bool is_json = strcmp(format, "json") == 0;

    if (!is_json && strcmp(format, "text") != 0)
        return error_set(err, ERR_USAGE, "--log-format is text or json, not '%s'", format);
    log_init(&(LogOptions){.is_json = is_json});
    return true;
}

bool
prepare_config(const Arguments *arguments, const char *module, ConfigOptions *options,
               Config **config, Error *err)
{
    options->path = arguments->config;
    options->params = arguments->params;
    options->param_count = arguments->param_count;
    options->is_strict = arguments->strict;
    if (!prepare_log(arguments, err) || !config_load(options, config, err))
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
