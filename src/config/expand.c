#include "config/expand.h"

#include "config/sql_quote.h"

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

typedef enum Form { FORM_RAW, FORM_LITERAL, FORM_IDENTIFIER } Form;

/* One ${…} of a text. */
typedef struct Placeholder {
    const char *start; /* at the dollar */
    const char *end;   /* after the brace */
    const char *name;  /* without its form */
    Form form;
} Placeholder;

/* Cuts ":literal" or ":ident" off. */
static Form
take_form(char *name)
{
    char *colon = strrchr(name, ':');
    Form form = colon == NULL                    ? FORM_RAW
                : strcmp(colon, ":literal") == 0 ? FORM_LITERAL
                : strcmp(colon, ":ident") == 0   ? FORM_IDENTIFIER
                                                 : FORM_RAW;

    if (form != FORM_RAW)
        *colon = '\0';
    return form;
}

/* The next one of text; false when there is none. */
static bool
find_placeholder(const char *text, Arena *arena, Placeholder *found)
{
    const char *start = strstr(text, "${");
    const char *end = start == NULL ? NULL : strchr(start, '}');

    if (end == NULL)
        return false;
    char *name = arena_dup_bytes(arena, start + 2, (size_t)(end - start - 2));
    *found = (Placeholder){.start = start, .end = end + 1, .form = take_form(name), .name = name};
    return true;
}

/* Why a quoting form cannot be used here; NULL: it can. text is where the placeholder's begins. */
static const char *
find_misuse(const ExpandScope *scope, const char *text, const Placeholder *placeholder,
            const char *value)
{
    if (!scope->is_query)
        return "is a form for queries; leave ':literal' or ':ident' out here";
    if (scope->kind != NULL && !sql_is_plain_at(*scope->kind, text, placeholder->start))
        return "brings its own quotes and cannot stand inside of quotes or a comment";
    if (placeholder->form == FORM_IDENTIFIER && *value == '\0')
        return "is empty, and a name is not";
    return NULL;
}

static void
append_value(const ExpandScope *scope, Form form, const char *value, Buffer *out)
{
    if (form == FORM_RAW || scope->kind == NULL)
        buffer_append_text(out, value);
    else if (form == FORM_LITERAL)
        sql_quote_literal(*scope->kind, value, out);
    else
        sql_quote_identifier(*scope->kind, value, out);
}

static bool
replace(const ExpandScope *scope, const char *text, const Placeholder *placeholder, Buffer *out,
        ExpandFailure *failure)
{
    bool is_nothing = placeholder->form == FORM_RAW && *placeholder->name == '\0';
    const char *value = is_nothing ? "" : value_of(scope, placeholder->name);

    *failure = (ExpandFailure){.name = placeholder->name};
    if (value == NULL)
        return false;
    if (placeholder->form != FORM_RAW)
        failure->problem = find_misuse(scope, text, placeholder, value);
    if (failure->problem != NULL)
        return false;
    append_value(scope, placeholder->form, value, out);
    return true;
}

bool
expand_text(const ExpandScope *scope, const char *text, Arena *arena, const char **out,
            ExpandFailure *failure)
{
    Buffer result = {0};
    const char *at = text;
    Placeholder next;
    bool ok = true;

    while (ok && find_placeholder(at, arena, &next)) {
        buffer_append(&result, at, (size_t)(next.start - at));
        ok = replace(scope, text, &next, &result, failure);
        at = next.end;
    }
    buffer_append_text(&result, at);
    if (ok)
        *out = at == text ? text : arena_dup_bytes(arena, (char *)result.data, result.size);
    buffer_release(&result);
    return ok;
}

void
expand_set_error(const LoadContext *load, int line, const char *place, const ExpandFailure *failure,
                 Error *err)
{
    const char *name = config_shown(load, failure->name);

    if (failure->problem != NULL)
        config_set_error(load, line, err, "%s${%s} %s", place, name, failure->problem);
    else
        config_set_error(load, line, err,
                         "%s${%s} has no value; pass --param %s=VALUE or set the environment "
                         "variable %s",
                         place, name, name, name);
}

typedef struct Expansion {
    const LoadContext *load;
    ExpandScope scope;
    size_t expanded_bytes;
} Expansion;

static bool
expand_one(Expansion *expansion, const ExpandScope *scope, const char *text, int line,
           const char **out, Error *err)
{
    const LoadContext *load = expansion->load;
    ExpandFailure failure = {0};

    if (!expand_text(scope, text, load->arena, out, &failure)) {
        expand_set_error(load, line, "", &failure, err);
        return false;
    }
    if (*out != text)
        expansion->expanded_bytes += strlen(*out);
    if (expansion->expanded_bytes > MAX_EXPANDED_BYTES)
        return config_fail(load, line, err, "the text with ${...} replaced exceeds 64 MB");
    return true;
}

static bool expand_node(Expansion *expansion, Node *node, const OptionLevel *level, Error *err);

/* A query keeps its placeholders until it is resolved; here only what is wrong is found early,
 * which is the same for every kind of source. */
static bool
check_query(Expansion *expansion, const Node *node, Error *err)
{
    ExpandScope scope = expansion->scope;
    const char *unused;

    scope.is_query = true;
    return expansion->load->options->allows_unset_in_queries ||
           expand_one(expansion, &scope, node->raw, node->line, &unused, err);
}

static bool
expand_mapping(Expansion *expansion, Node *node, const OptionLevel *level, Error *err)
{
    for (size_t i = 0; i < node->count; i++) {
        NodeEntry *entry = &node->entries[i];
        if (!expand_one(expansion, &expansion->scope, entry->key, entry->line, &entry->key, err))
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
        return expand_one(expansion, &expansion->scope, node->raw, node->line, &node->text, err);
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
