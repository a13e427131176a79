#include "config/expand.h"
#include "config/input.h"
#include "config/scalar.h"
#include "util/environment.h"

static const char *
directory_prefix(const char *config_path, Arena *arena)
{
    const char *slash = strrchr(config_path, '/');

    return slash == NULL ? "./"
                         : arena_dup_bytes(arena, config_path, (size_t)(slash - config_path) + 1);
}

/* The root field `state` of a file that need not be a valid configuration otherwise; NULL when it
 * cannot be had. Commands that only read the state must work with a broken file. */
static const char *
read_state_field(const char *config_path, Arena *arena)
{
    LoadContext load = {.arena = arena, .options = &(ConfigOptions){.path = config_path}};
    Error unused = ERROR_INIT;
    const char *yaml;
    size_t size_bytes;
    Node *root;
    const char *value;
    ExpandFailure unused_failure;

    if (input_read(config_path, arena, &yaml, &size_bytes) != 0 ||
        !node_parse(&load, yaml, size_bytes, &root, &unused))
        return NULL;
    const NodeEntry *entry = node_find_set(root, "state");
    if (entry == NULL || entry->value->kind != NODE_SCALAR ||
        !expand_text(&(ExpandScope){0}, entry->value->raw, arena, &value, &unused_failure))
        return NULL;
    return value;
}

const char *
config_state_path(const char *flag, const char *config_path, const Config *config, Arena *arena)
{
    if (flag != NULL && *flag != '\0')
        return arena_dup_string(arena, flag);
    const char *variable = environment_value("RIVET_STATE");
    if (variable != NULL)
        return arena_dup_string(arena, variable);

    const char *field = config != NULL ? config->state : read_state_field(config_path, arena);
    if (field == NULL || *field == '\0')
        field = ".rivet_state.db";
    if (*field == '/')
        return arena_dup_string(arena, field);
    return arena_format(arena, "%s%s", directory_prefix(config_path, arena), field);
}
