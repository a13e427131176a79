#include "config/expand.h"

#include "util/buffer.h"

/* More than any configuration needs; keeps a large variable named many times from filling memory.
 */
enum { MAX_EXPANDED_BYTES = 64 * 1024 * 1024 };

static const char *
value_of(const ExpandScope *scope, const char *name)
{
    for (size_t i = scope->param_count; i > 0; i--)
        if (strcmp(scope->params[i - 1].key, name) == 0)
            return scope->params[i - 1].value;
    return getenv(name);
}

/* The text between ${ and }; NULL when it has no value. */
static const char *
placeholder_value(const ExpandScope *scope, const char *name)
{
    return *name == '\0' ? "" : value_of(scope, name);
}

bool
expand_text(const ExpandScope *scope, const char *text, Arena *arena, const char **out,
            const char **unset_name)
{
    Buffer result = {0};
    const char *at = text;
    bool ok = false;

    for (;;) {
        const char *start = strstr(at, "${");
        const char *end = start == NULL ? NULL : strchr(start, '}');
        if (end == NULL)
            break;
        const char *name = arena_dup_bytes(arena, start + 2, (size_t)(end - start - 2));
        const char *value = placeholder_value(scope, name);
        if (value == NULL) {
            *unset_name = name;
            goto done;
        }
        buffer_append(&result, at, (size_t)(start - at));
        buffer_append_text(&result, value);
        at = end + 1;
    }
    buffer_append_text(&result, at);
    *out = at == text ? text : arena_dup_bytes(arena, (char *)result.data, result.size);
    ok = true;

done:
    buffer_release(&result);
    return ok;
}

typedef struct Expansion {
    const LoadContext *load;
    ExpandScope scope;
    size_t expanded_bytes;
} Expansion;

static bool
expand_one(Expansion *expansion, const char *text, int line, const char **out, Error *err)
{
    const LoadContext *load = expansion->load;
    const char *unset_name = NULL;

    if (!expand_text(&expansion->scope, text, load->arena, out, &unset_name)) {
        const char *name = config_shown(load, unset_name);
        return config_fail(load, line, err,
                           "${%s} has no value; pass --param %s=VALUE or set the environment "
                           "variable %s",
                           name, name, name);
    }
    if (*out != text)
        expansion->expanded_bytes += strlen(*out);
    if (expansion->expanded_bytes > MAX_EXPANDED_BYTES)
        return config_fail(load, line, err, "the text with ${...} replaced exceeds 64 MB");
    return true;
}

static bool expand_node(Expansion *expansion, Node *node, const OptionLevel *level, Error *err);

/* A query keeps its placeholders until it is resolved; here only a missing name is found early. */
static bool
check_query(Expansion *expansion, const Node *node, Error *err)
{
    const char *unused;

    return expansion->load->options->allows_unset_in_queries ||
           expand_one(expansion, node->raw, node->line, &unused, err);
}

static bool
expand_mapping(Expansion *expansion, Node *node, const OptionLevel *level, Error *err)
{
    for (size_t i = 0; i < node->count; i++) {
        NodeEntry *entry = &node->entries[i];
        if (!expand_one(expansion, entry->key, entry->line, &entry->key, err))
            return false;
        const Option *option = level == NULL ? NULL : option_find(level, entry->key);
        if (option != NULL && option->has_placeholders_inside &&
            entry->value->kind == NODE_SCALAR) {
            if (!check_query(expansion, entry->value, err))
                return false;
        } else if (!expand_node(expansion, entry->value, option == NULL ? NULL : option->level,
                                err)) {
            return false;
        }
    }
    return node_check_unique_keys(expansion->load, node, err);
}

/* The items of a list stand on the level of the list's own option. A node that several aliases
 * share is expanded once. */
static bool
expand_node(Expansion *expansion, Node *node, const OptionLevel *level, Error *err)
{
    if (node->is_expanded)
        return true;
    node->is_expanded = true;
    if (node->kind == NODE_SCALAR)
        return expand_one(expansion, node->raw, node->line, &node->text, err);
    if (node->kind == NODE_MAPPING)
        return expand_mapping(expansion, node, level, err);
    for (size_t i = 0; i < node->count; i++)
        if (!expand_node(expansion, node->items[i], level, err))
            return false;
    return true;
}

bool
expand_tree(const LoadContext *load, Node *root, Error *err)
{
    Expansion expansion = {
        .load = load,
        .scope = {.params = load->options->params, .param_count = load->options->param_count},
    };

    return expand_node(&expansion, root, option_root(), err);
}
