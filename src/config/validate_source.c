#include "config/validate.h"

static int
field_line(const RawConfig *raw, const char *field)
{
    return node_line(raw->source_node, field);
}

static size_t
count_urls(const SourceConfig *source)
{
    return (size_t)secret_is_set(source->url) + (source->url_env != NULL) +
           (source->url_file != NULL);
}

/* An empty text is as good as none: it mostly comes from an empty variable. */
static bool
is_filled(const char *text)
{
    return text != NULL && *text != '\0';
}

/* The port alone does not choose the structured form. */
static bool
is_structured(const SourceConfig *source)
{
    return source->host != NULL || source->user != NULL || source->database != NULL ||
           source->socket != NULL;
}

static bool
validate_form(const LoadContext *load, const RawConfig *raw, Error *err)
{
    const SourceConfig *source = &raw->config.source;
    size_t url_count = count_urls(source);

    if (url_count == 0 && !is_structured(source))
        return config_fail(load, raw->source_node->line, err,
                           "source: must specify one of url, url_env, url_file, or host, user and "
                           "database");
    if (url_count > 1)
        return config_fail(load, raw->source_node->line, err,
                           "source: exactly one of url, url_env, url_file may be given; remove "
                           "the others");
    if (url_count == 1 && is_structured(source))
        return config_fail(load, raw->source_node->line, err,
                           "source: give a URL (url, url_env, url_file) or host, user and "
                           "database, not both");
    return true;
}

static bool
validate_structured(const LoadContext *load, const RawConfig *raw, Error *err)
{
    const SourceConfig *source = &raw->config.source;
    const struct {
        const char *name;
        bool is_given;
    } FIELDS[] = {
        {"host", is_filled(source->host) || is_filled(source->socket)},
        {"user", is_filled(source->user)},
        {"database", is_filled(source->database)},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(FIELDS); i++)
        if (!FIELDS[i].is_given)
            return config_fail(load, raw->source_node->line, err,
                               "source: structured config requires '%s'; add it, or use a URL",
                               FIELDS[i].name);
    if (source->host != NULL && source->socket != NULL)
        return config_fail(load, field_line(raw, "socket"), err,
                           "source: give host or socket, not both");
    return true;
}

bool
validate_source(LoadContext *load, const RawConfig *raw, Error *err)
{
    const SourceConfig *source = &raw->config.source;
    bool has_url = count_urls(source) > 0;

    if (!validate_form(load, raw, err) || (!has_url && !validate_structured(load, raw, err)))
        return false;
    if (secret_is_set(source->password) && source->password_env != NULL)
        return config_fail(load, field_line(raw, "password_env"), err,
                           "source: give password or password_env, not both");
    if (has_url && (secret_is_set(source->password) || source->password_env != NULL))
        config_warn(load,
                    field_line(raw, source->password_env != NULL ? "password_env" : "password"),
                    "source: the password is ignored, because the URL says how to connect");
    if (has_url && source->port.is_set)
        config_warn(load, field_line(raw, "port"),
                    "source: port is ignored, because the URL says how to connect");
    if (source->path != NULL)
        config_warn(load, field_line(raw, "path"), "source: path is for sqlite and ignored here");
    return true;
}
