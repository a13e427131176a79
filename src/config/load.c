#include "config/load.h"

#include "config/derive.h"
#include "config/expand.h"
#include "config/fill.h"
#include "config/input.h"
#include "config/misplaced.h"
#include "config/validate.h"
#include "util/memory.h"

/* "dir" of "dir/x.yaml", "/" of "/x.yaml", "." of "x.yaml". */
static const char *
directory_of(const char *path, Arena *arena)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return ".";
    return slash == path ? "/" : arena_dup_bytes(arena, path, (size_t)(slash - path));
}

static Config *
config_new(const char *path)
{
    Config *config = memory_alloc_zero(1, sizeof(*config));

    config->path = arena_dup_string(&config->arena, path);
    config->directory = directory_of(path, &config->arena);
    return config;
}

void
config_free(Config *config)
{
    if (config == NULL)
        return;
    arena_release(&config->arena);
    free(config);
}

static bool
load_text(LoadContext *load, const char *yaml, size_t size_bytes, Config *config, Error *err)
{
    Node *root;
    RawConfig raw = {0};

    if (!node_parse(load, yaml, size_bytes, &root, err) || !expand_tree(load, root, err) ||
        !misplaced_check(load, root, err) || !fill_config(load, root, &raw, err) ||
        !validate_config(load, &raw, err))
        return false;
    derive_config(load, &raw, config);
    return true;
}

bool
config_load_text(const ConfigOptions *options, const char *yaml, size_t size_bytes, Config **out,
                 Error *err)
{
    Config *config = config_new(options->path);
    LoadContext load = {.arena = &config->arena, .options = options};

    *out = NULL;
    if (!load_text(&load, yaml, size_bytes, config, err)) {
        config_free(config);
        return false;
    }
    *out = config;
    return true;
}

bool
config_load(const ConfigOptions *options, Config **out, Error *err)
{
    Arena arena = {0};
    LoadContext load = {.arena = &arena, .options = options};
    const char *yaml;
    size_t size_bytes;
    char reason[128];

    *out = NULL;
    int failure = input_read(options->path, &arena, &yaml, &size_bytes);
    bool ok = failure == 0 ? config_load_text(options, yaml, size_bytes, out, err)
                           : config_fail(&load, 0, err,
                                         "cannot read the configuration file: %s (os error %d)",
                                         strerror_r(failure, reason, sizeof(reason)), failure);
    arena_release(&arena);
    return ok;
}
