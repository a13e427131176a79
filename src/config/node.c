#include "config/node.h"

#include <limits.h>
#include <yaml.h>

#include "config/scalar.h"

typedef struct Anchor {
    struct Anchor *next;
    const char *name;
    Node *node;
} Anchor;

typedef struct Builder {
    const LoadContext *load;
    const char *yaml;
    size_t yaml_bytes;
    yaml_parser_t parser;
    yaml_event_t event; /* the one being looked at; always deletable */
    Anchor *anchors;    /* newest first: a name may be used again */
    size_t anchor_count;
    size_t node_count; /* aliases counted out */
} Builder;

static int
line_of(yaml_mark_t mark)
{
    return mark.line >= INT_MAX ? INT_MAX : (int)mark.line + 1;
}

static bool
fail_here(Builder *builder, Error *err, const char *what)
{
    return config_fail(builder->load, line_of(builder->event.start_mark), err, "%s", what);
}

/* ${…} is a flow mapping's brace to YAML where it stands unquoted inside { } or [ ]. */
static bool
line_has_placeholder(const Builder *builder, int line)
{
    const char *at = builder->yaml;
    const char *end = at + builder->yaml_bytes;

    for (int i = 1; i < line && at < end; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline == NULL ? end : newline + 1;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t length = (size_t)((newline == NULL ? end : newline) - at);
    return memmem(at, length, "${", 2) != NULL;
}

static bool
fail_syntax(Builder *builder, Error *err)
{
    const yaml_parser_t *parser = &builder->parser;
    const char *problem = parser->problem == NULL ? "syntax error" : parser->problem;
    int line = line_of(parser->problem_mark);

    if (parser->error == YAML_READER_ERROR)
        return config_fail(builder->load, line_of(parser->mark), err,
                           "not a UTF-8 text: %s at byte %zu", problem, parser->problem_offset);
    const char *hint = line_has_placeholder(builder, line)
                           ? "; inside { } or [ ] a value with ${...} needs quotes"
                           : "";
    if (parser->context == NULL)
        return config_fail(builder->load, line, err, "not valid YAML: %s%s", problem, hint);
    return config_fail(builder->load, line, err, "not valid YAML: %s, %s that starts in line %d%s",
                       problem, parser->context, line_of(parser->context_mark), hint);
}

static bool
next_event(Builder *builder, Error *err)
{
    yaml_event_delete(&builder->event);
    builder->event = (yaml_event_t){.type = YAML_NO_EVENT};
    return yaml_parser_parse(&builder->parser, &builder->event) || fail_syntax(builder, err);
}

static bool
count_nodes(Builder *builder, size_t added, Error *err)
{
    builder->node_count += added;
    if (builder->node_count <= MAX_NODE_COUNT)
        return true;
    return fail_here(builder, err, "the document is too large: more than 200000 values");
}

/* Only what aliases refer to is kept; the anchor of a node that is not finished yet is unknown, so
 * no node can hold itself. */
static bool
keep_anchor(Builder *builder, const char *name, Node *node, Error *err)
{
    if (name == NULL)
        return true;
    if (++builder->anchor_count > MAX_ANCHOR_COUNT)
        return fail_here(builder, err, "too many anchors: at most 1000");
    Anchor *anchor = ARENA_NEW(builder->load->arena, Anchor);
    *anchor = (Anchor){.next = builder->anchors, .name = name, .node = node};
    builder->anchors = anchor;
    return true;
}

static bool
build_alias(Builder *builder, Node **out, Error *err)
{
    const char *name = (const char *)builder->event.data.alias.anchor;

    for (const Anchor *anchor = builder->anchors; anchor != NULL; anchor = anchor->next) {
        if (strcmp(anchor->name, name) == 0) {
            *out = anchor->node;
            return count_nodes(builder, anchor->node->weight, err);
        }
    }
    return config_fail(builder->load, line_of(builder->event.start_mark), err,
                       "alias '*%s' has no anchor '&%s' before it",
                       config_shown(builder->load, name), config_shown(builder->load, name));
}

static bool
is_core_tag(const char *tag, const char *kinds)
{
    static const char PREFIX[] = "tag:yaml.org,2002:";

    if (strncmp(tag, PREFIX, sizeof(PREFIX) - 1) != 0)
        return false;
    const char *name = tag + sizeof(PREFIX) - 1;
    const char *at = strstr(kinds, name);
    size_t length = strlen(name);
    return length > 0 && at != NULL && (at == kinds || at[-1] == ' ') &&
           (at[length] == ' ' || at[length] == '\0');
}

/* A tag may only repeat what rivet would make of the value anyway, or turn a number into text. */
static bool
check_tag(Builder *builder, const yaml_char_t *tag, const char *kinds, Error *err)
{
    const char *text = (const char *)tag;

    if (text == NULL || strcmp(text, "!") == 0 || is_core_tag(text, kinds))
        return true;
    return config_fail(builder->load, line_of(builder->event.start_mark), err,
                       "tag '%s' means nothing here; remove it", config_shown(builder->load, text));
}

static bool
build_scalar(Builder *builder, Node *node, Error *err)
{
    const char *value = (const char *)builder->event.data.scalar.value;
    size_t length = builder->event.data.scalar.length;
    const char *tag = (const char *)builder->event.data.scalar.tag;

    if (!check_tag(builder, builder->event.data.scalar.tag, "str int float bool null", err))
        return false;
    if (memchr(value, '\0', length) != NULL)
        return fail_here(builder, err, "a NUL character cannot be part of a value");
    node->kind = NODE_SCALAR;
    node->is_plain = tag == NULL ? builder->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
                                 : is_core_tag(tag, "int float bool null");
    node->raw = arena_dup_bytes(builder->load->arena, value, length);
    node->text = node->raw;
    return true;
}

static bool build_node(Builder *builder, int depth, Node **out, Error *err);

/* Room for one element more; old arrays stay in the arena, at most as large as the last one. */
static void *
grown(Arena *arena, void *old, size_t count, size_t element_bytes)
{
    bool is_full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);

    if (!is_full)
        return old;
    void *larger = arena_alloc(arena, size_max(count * 2, 4) * element_bytes);
    if (count > 0)
        memcpy(larger, old, count * element_bytes);
    return larger;
}

static bool
build_sequence(Builder *builder, int depth, Node *node, Error *err)
{
    if (!check_tag(builder, builder->event.data.sequence_start.tag, "seq", err))
        return false;
    node->kind = NODE_SEQUENCE;
    for (;;) {
        if (!next_event(builder, err))
            return false;
        if (builder->event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        node->items = grown(builder->load->arena, node->items, node->count, sizeof(Node *));
        Node **item = &node->items[node->count];
        if (!build_node(builder, depth + 1, item, err))
            return false;
        node->count++;
        node->weight += (*item)->weight;
    }
}

static bool
build_entry(Builder *builder, int depth, NodeEntry *entry, Error *err)
{
    Node *key = NULL;

    entry->line = line_of(builder->event.start_mark);
    if (!build_node(builder, depth + 1, &key, err))
        return false;
    if (key->kind != NODE_SCALAR)
        return config_fail(builder->load, entry->line, err, "a key must be text");
    entry->key = key->raw;
    return next_event(builder, err) && build_node(builder, depth + 1, &entry->value, err);
}

static bool
build_mapping(Builder *builder, int depth, Node *node, Error *err)
{
    if (!check_tag(builder, builder->event.data.mapping_start.tag, "map", err))
        return false;
    node->kind = NODE_MAPPING;
    for (;;) {
        if (!next_event(builder, err))
            return false;
        if (builder->event.type == YAML_MAPPING_END_EVENT)
            return true;
        node->entries = grown(builder->load->arena, node->entries, node->count, sizeof(NodeEntry));
        NodeEntry *entry = &node->entries[node->count];
        if (!build_entry(builder, depth, entry, err))
            return false;
        node->count++;
        node->weight += 1 + entry->value->weight;
    }
}

static const char *
event_anchor(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return (const char *)event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return (const char *)event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return (const char *)event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

/* From the event at hand to the last event of the node. */
static bool
build_node(Builder *builder, int depth, Node **out, Error *err)
{
    if (depth > MAX_NODE_DEPTH)
        return fail_here(builder, err, "nested too deeply: more than 64 levels");
    if (builder->event.type == YAML_ALIAS_EVENT)
        return build_alias(builder, out, err);
    if (!count_nodes(builder, 1, err))
        return false;

    Node *node = ARENA_NEW(builder->load->arena, Node);
    node->line = line_of(builder->event.start_mark);
    node->weight = 1;
    *out = node;
    const char *anchor = arena_dup_string(builder->load->arena, event_anchor(&builder->event));
    bool ok = builder->event.type == YAML_SCALAR_EVENT ? build_scalar(builder, node, err)
              : builder->event.type == YAML_SEQUENCE_START_EVENT
                  ? build_sequence(builder, depth, node, err)
                  : build_mapping(builder, depth, node, err);
    return ok && keep_anchor(builder, anchor, node, err);
}

/* Stream start, document start, one node, document end, stream end. */
static bool
build_document(Builder *builder, Node **root, Error *err)
{
    if (!next_event(builder, err) || !next_event(builder, err))
        return false;
    if (builder->event.type == YAML_STREAM_END_EVENT)
        return config_fail(builder->load, 0, err,
                           "the file is empty; source and exports are needed");
    if (!next_event(builder, err) || !build_node(builder, 0, root, err) ||
        !next_event(builder, err) || !next_event(builder, err))
        return false;
    if (builder->event.type != YAML_STREAM_END_EVENT)
        return fail_here(builder, err, "a second YAML document; a configuration is one document");
    return true;
}

bool
node_parse(const LoadContext *load, const char *yaml, size_t size_bytes, Node **root, Error *err)
{
    static const char MARK[] =
        "\xEF\xBB\xBF"; /* libyaml takes it for text once told the encoding */

    if (size_bytes >= sizeof(MARK) - 1 && memcmp(yaml, MARK, sizeof(MARK) - 1) == 0) {
        yaml += sizeof(MARK) - 1;
        size_bytes -= sizeof(MARK) - 1;
    }
    Builder builder = {.load = load, .yaml = yaml, .yaml_bytes = size_bytes};

    *root = NULL;
    if (!yaml_parser_initialize(&builder.parser))
        return config_fail(load, 0, err, "out of memory");
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)yaml, size_bytes);
    bool ok = build_document(&builder, root, err);
    yaml_event_delete(&builder.event);
    yaml_parser_delete(&builder.parser);
    return ok;
}

const NodeEntry *
node_find(const Node *node, const char *key)
{
    if (node == NULL || node->kind != NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->entries[i].key, key) == 0)
            return &node->entries[i];
    return NULL;
}

const NodeEntry *
node_find_set(const Node *node, const char *key)
{
    const NodeEntry *entry = node_find(node, key);

    return entry == NULL || scalar_is_null(entry->value) ? NULL : entry;
}

int
node_line(const Node *node, const char *key)
{
    const NodeEntry *entry = node_find(node, key);

    return entry != NULL ? entry->line : node != NULL ? node->line : 0;
}

static int
compare_entries(const void *left, const void *right)
{
    const NodeEntry *a = *(const NodeEntry *const *)left;
    const NodeEntry *b = *(const NodeEntry *const *)right;
    int order = strcmp(a->key, b->key);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

bool
node_check_unique_keys(const LoadContext *load, const Node *mapping, Error *err)
{
    const NodeEntry **sorted = ARENA_ARRAY(load->arena, const NodeEntry *, mapping->count + 1);

    for (size_t i = 0; i < mapping->count; i++)
        sorted[i] = &mapping->entries[i];
    qsort(sorted, mapping->count, sizeof(NodeEntry *), compare_entries);
    for (size_t i = 1; i < mapping->count; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
            return config_fail(load, sorted[i]->line, err,
                               "duplicate key '%s', first in line %d; keep one of the two",
                               config_shown(load, sorted[i]->key), sorted[i - 1]->line);
    return true;
}
