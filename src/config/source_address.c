#include <strings.h>

#include "config/expand.h"
#include "config/input.h"
#include "config/load_context.h"

typedef struct Resolver {
    LoadContext load;
    const SourceConfig *source;
} Resolver;

static bool
read_variable(const Resolver *resolver, const char *name, const char *field, const char **value,
              Error *err)
{
    const char *text = getenv(name);

    if (text == NULL)
        return config_fail(&resolver->load, 0, err, "env var '%s' not set; source.%s names it",
                           config_shown(&resolver->load, name), field);
    *value = arena_dup_string(resolver->load.arena, text);
    return true;
}

/* White space around is cut: editors end files with a line end. */
static bool
read_url_file(const Resolver *resolver, const char **url, Error *err)
{
    const char *path = resolver->source->url_file;
    const char *text;
    size_t size_bytes;
    char reason[128];
    int failure = input_read(path, resolver->load.arena, &text, &size_bytes);

    if (failure != 0)
        return config_fail(&resolver->load, 0, err, "cannot read url_file '%s': %s (os error %d)",
                           config_shown(&resolver->load, path),
                           strerror_r(failure, reason, sizeof(reason)), failure);
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    *url = arena_dup_bytes(resolver->load.arena, text, length);
    return true;
}

/* What a variable or a file holds may name variables of its own; the url field was expanded when
 * the configuration was loaded. */
static bool
expand_url(const Resolver *resolver, const char *text, const char *field, const char **url,
           Error *err)
{
    ExpandFailure failure = {0};

    if (expand_text(&(ExpandScope){0}, text, resolver->load.arena, url, &failure))
        return true;
    return config_fail(&resolver->load, 0, err, "the URL of source.%s names ${%s}, which %s", field,
                       config_shown(&resolver->load, failure.name),
                       failure.problem == NULL ? "is not set in the environment" : failure.problem);
}

/* The field the URL comes from, or NULL for the structured form. */
static const char *
url_field(const SourceConfig *source)
{
    return secret_is_set(source->url) ? "url"
           : source->url_env != NULL  ? "url_env"
           : source->url_file != NULL ? "url_file"
                                      : NULL;
}

static bool
read_url(const Resolver *resolver, const char *field, const char **url, Error *err)
{
    const SourceConfig *source = resolver->source;
    const char *text;

    if (secret_is_set(source->url)) {
        *url = secret_reveal(source->url);
        return true;
    }
    if (source->url_env != NULL ? !read_variable(resolver, source->url_env, field, &text, err)
                                : !read_url_file(resolver, &text, err))
        return false;
    return expand_url(resolver, text, field, url, err);
}

static bool
has_scheme(const char *url, const char *scheme)
{
    size_t length = strlen(scheme);

    return strncasecmp(url, scheme, length) == 0 && strncmp(url + length, "://", 3) == 0;
}

/* A wrong kind of URL is worth its own message; the driver would report a strange host. */
static bool
check_scheme(const Resolver *resolver, const char *url, const char *field, Error *err)
{
    const LoadContext *load = &resolver->load;

    if (*url == '\0')
        return config_fail(load, 0, err, "source.%s gives an empty URL", field);
    if (resolver->source->kind == SOURCE_MYSQL) {
        return has_scheme(url, "mysql") ||
               config_fail(load, 0, err,
                           "source.%s: the URL of a mysql source begins with mysql://", field);
    }
    bool is_key_value = strstr(url, "://") == NULL && strchr(url, '=') != NULL;
    return is_key_value || has_scheme(url, "postgresql") || has_scheme(url, "postgres") ||
           config_fail(load, 0, err,
                       "source.%s: the URL of a postgres source begins with postgresql:// or "
                       "postgres://; key=value text is taken too",
                       field);
}

/* "password" standing alone before '=', with something behind it: key=value text, or the query part
 * of a URL. */
static bool
has_password_key(const char *text)
{
    static const char KEY[] = "password";

    for (const char *at = strstr(text, KEY); at != NULL; at = strstr(at + 1, KEY)) {
        const char *after = at + sizeof(KEY) - 1;
        bool starts_word = at == text || strchr(" \t\r\n?&'", at[-1]) != NULL;
        after += strspn(after, " \t");
        if (!starts_word || *after++ != '=')
            continue;
        after += strspn(after, " \t");
        if (*after != '\0' && strchr("&\r\n", *after) == NULL && strncmp(after, "''", 2) != 0)
            return true;
    }
    return false;
}

/* A password may hold any of "@:/#?", so the last '@' ends the user part; without one there is
 * none. */
static bool
has_plaintext_password(const char *url)
{
    const char *user = strstr(url, "://");

    if (user == NULL)
        return has_password_key(url);
    user += 3;
    const char *query = strchr(user, '?');
    const char *end = strrchr(user, '@');
    const char *colon = end == NULL ? NULL : memchr(user, ':', (size_t)(end - user));
    if (colon != NULL && colon + 1 < end && (query == NULL || colon < query))
        return true;
    return query != NULL && has_password_key(query);
}

static bool
resolve_structured(const Resolver *resolver, SourceAddress *address, Error *err)
{
    const SourceConfig *source = resolver->source;
    const char *password = secret_reveal(source->password);

    if (source->password_env != NULL &&
        !read_variable(resolver, source->password_env, "password_env", &password, err))
        return false;
    address->host = source->host;
    address->user = source->user;
    address->database = source->database;
    address->socket = source->socket;
    address->port = source->port.is_set            ? source->port.value
                    : source->kind == SOURCE_MYSQL ? 3306
                                                   : 5432;
    address->password = (Secret){.hidden = password};
    address->has_plaintext_password =
        source->password_env == NULL && password != NULL && *password != '\0';
    return true;
}

bool
config_resolve_source(const Config *config, Arena *arena, SourceAddress *address, Error *err)
{
    Resolver resolver = {
        .load = {.arena = arena, .options = &(ConfigOptions){.path = config->path}},
        .source = &config->source,
    };
    const char *field = url_field(&config->source);
    const char *url;

    *address = (SourceAddress){
        .kind = config->source.kind,
        .path = config->source.path,
        .tls = config->source.tls,
    };
    if (field == NULL)
        return resolve_structured(&resolver, address, err);
    if (!read_url(&resolver, field, &url, err) || !check_scheme(&resolver, url, field, err))
        return false;
    address->url = (Secret){.hidden = url};
    /* In a variable or a file of its own it is where the advice would have it. */
    address->has_plaintext_password =
        secret_is_set(config->source.url) && has_plaintext_password(url);
    return true;
}
