#include "config/misplaced.h"

#include "config/option.h"
#include "config/scalar.h"

typedef struct Misplaced {
    const char *names; /* "a, b" */
    const char *first;
    const char *first_value; /* for the sample */
    int line;
} Misplaced;

/* The value as written where it is a number or a profile, so that the sample can be copied;
 * anything else could be something that does not belong into a message. */
static const char *
sample_value(const Node *node)
{
    int64_t number;

    if (scalar_to_int(node, &number) == NUMBER_OK ||
        (node->kind == NODE_SCALAR && word_find(&PROFILE_WORDS, node->text) != NULL))
        return node->text;
    return "...";
}

static bool
find_misplaced(const Node *mapping, Arena *arena, Misplaced *found)
{
    const OptionLevel *tuning = option_tuning_level();

    *found = (Misplaced){.names = ""};
    for (size_t i = 0; i < tuning->count; i++) {
        const Option *option = &tuning->options[i];
        const NodeEntry *entry = option->is_tuning_only ? node_find(mapping, option->name) : NULL;
        if (entry == NULL)
            continue;
        found->names = arena_format(arena, "%s%s%s", found->names, found->first == NULL ? "" : ", ",
                                    option->name);
        if (found->first == NULL) {
            found->first = option->name;
            found->first_value = sample_value(entry->value);
            found->line = entry->line;
        }
    }
    return found->first != NULL;
}

static bool
check_export(const LoadContext *load, const Node *export, size_t index, Error *err)
{
    Misplaced found;
    const NodeEntry *name = node_find_set(export, "name");
    const char *shown = name == NULL || name->value->kind != NODE_SCALAR
                            ? "<unnamed>"
                            : config_shown(load, name->value->text);

    if (!find_misplaced(export, load->arena, &found))
        return true;
    return config_fail(load, found.line, err,
                       "export '%s' (index %zu): field(s) [%s] belong under exports[].tuning:\n"
                       "  exports:\n    - name: %s\n      tuning:\n        %s: %s",
                       shown, index, found.names, shown, found.first, found.first_value);
}

bool
misplaced_check(const LoadContext *load, const Node *root, Error *err)
{
    Misplaced found;
    const NodeEntry *source = node_find(root, "source");
    const NodeEntry *exports = node_find(root, "exports");

    if (source != NULL && find_misplaced(source->value, load->arena, &found))
        return config_fail(load, found.line, err,
                           "source: field(s) [%s] belong under source.tuning:\n"
                           "  source:\n    tuning:\n      %s: %s",
                           found.names, found.first, found.first_value);
    if (exports == NULL || exports->value->kind != NODE_SEQUENCE)
        return true;
    for (size_t i = 0; i < exports->value->count; i++)
        if (!check_export(load, exports->value->items[i], i, err))
            return false;
    return true;
}
