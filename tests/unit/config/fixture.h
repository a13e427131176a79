/* fixture.h: configurations from text, and pieces to build them from. */
#ifndef RIVET_TESTS_CONFIG_FIXTURE_H
#define RIVET_TESTS_CONFIG_FIXTURE_H

#include "../test.h"

#include "config/load.h"

#define SOURCE "source: {type: postgres, url: postgresql://h/d}\n"
/* One export in one line; more are fields beginning with a comma. */
#define EXPORT(more)                                                                               \
    "exports:\n"                                                                                   \
    "  - {name: a, query: SELECT 1, format: parquet, destination: {type: local}" more "}\n"
#define EXPORT_TO(destination)                                                                     \
    "exports:\n"                                                                                   \
    "  - {name: a, query: SELECT 1, format: parquet, destination: {" destination "}}\n"
#define CSV_EXPORT(more)                                                                           \
    "exports:\n"                                                                                   \
    "  - {name: a, query: SELECT 1, format: csv, destination: {type: local}" more "}\n"

static inline bool
load_yaml(const char *yaml, Config **config, Error *err)
{
    *err = ERROR_INIT;
    return config_load_text(&(ConfigOptions){.path = "dir/c.yaml"}, yaml, strlen(yaml), config,
                            err);
}

static inline Config *
load_good(const char *yaml)
{
    Config *config = NULL;
    Error err;

    if (!load_yaml(yaml, &config, &err))
        fail_msg("%s: %s\n%s", err.context, err.message, yaml);
    return config;
}

/* A configuration that must fail: `texts` are parts of the message, the first "" ends them. */
enum { MAX_TEXTS = 6 };

static inline void
check_refused(const char *name, const char *yaml, int line, const char *const texts[MAX_TEXTS])
{
    Config *config = NULL;
    Error err;
    char place[32];

    if (load_yaml(yaml, &config, &err))
        fail_msg("%s: was accepted", name);
    if (err.code != ERR_CONFIG)
        fail_msg("%s: code %s", name, error_name(err.code));
    snprintf(place, sizeof(place), line > 0 ? "dir/c.yaml:%d" : "dir/c.yaml", line);
    if (strcmp(err.context, place) != 0)
        fail_msg("%s: place \"%s\", not \"%s\": %s", name, err.context, place, err.message);
    for (size_t i = 0; i < MAX_TEXTS && texts[i] != NULL; i++)
        if (strstr(err.message, texts[i]) == NULL)
            fail_msg("%s: \"%s\" lacks \"%s\"", name, err.message, texts[i]);
    assert_null(config);
}

#endif
