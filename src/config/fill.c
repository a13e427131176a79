#include "config/fill.h"

#include "config/nearest.h"
#include "config/option.h"
#include "config/override.h"
#include "config/scalar.h"

/* Words are stored through unsigned, which is what the enums of config.h are made of. */
_Static_assert(sizeof(ExportMode) == sizeof(unsigned), "enums are stored as unsigned");

/* One field on its way from node to struct. */
typedef struct Field {
    LoadContext *load;
    const Option *option;
    const Node *node;
    int line;
    const char *label; /* "source.tuning.batch_size", "export 'x': csv.header" */
    void *at;
} Field;

static bool
fail_field(const Field *field, Error *err, const char *must)
{
    return config_fail(field->load, field->line, err, "%s: must be %s, not %s", field->label, must,
                       scalar_kind_name(field->node));
}

static bool
fill_bool(const Field *field, Error *err)
{
    return scalar_to_bool(field->node, field->at) || fail_field(field, err, "true or false");
}

static void
store_int(const Field *field, int64_t value)
{
    if (field->option->is_optional_int)
        *(OptionalInt *)field->at = (OptionalInt){.is_set = true, .value = value};
    else
        *(int64_t *)field->at = value;
}

static bool
fill_int(const Field *field, Error *err)
{
    const Option *option = field->option;
    int64_t value = 0;
    NumberResult result = scalar_to_int(field->node, &value);

    if (result == NUMBER_NONE)
        return fail_field(field, err, "a whole number");
    if (result == NUMBER_OUT_OF_RANGE || value < option->min || value > option->max) {
        if (option->max == INT64_MAX)
            return config_fail(field->load, field->line, err,
                               "%s: must be at least %" PRId64 " and fit 64 bits, not %s",
                               field->label, option->min,
                               config_shown(field->load, field->node->text));
        return config_fail(field->load, field->line, err,
                           "%s: must be between %" PRId64 " and %" PRId64 ", not %s", field->label,
                           option->min, option->max, config_shown(field->load, field->node->text));
    }
    store_int(field, value);
    return true;
}

static bool
fill_text(const Field *field, Error *err)
{
    if (field->node->kind != NODE_SCALAR)
        return fail_field(field, err, "text");
    *(const char **)field->at =
        field->option->has_placeholders_inside ? field->node->raw : field->node->text;
    return true;
}

static bool
fill_secret(const Field *field, Error *err)
{
    if (field->node->kind != NODE_SCALAR)
        return fail_field(field, err, "text");
    *(Secret *)field->at = (Secret){.hidden = field->node->text};
    return true;
}

static bool
fill_byte(const Field *field, Error *err)
{
    if (field->node->kind != NODE_SCALAR)
        return fail_field(field, err, "text");
    const char *text = field->node->text;
    if (strlen(text) != 1 || strchr("\"\r\n", *text) != NULL)
        return config_fail(field->load, field->line, err,
                           "%s: must be one byte other than a quote or a line end", field->label);
    *(char *)field->at = *text;
    return true;
}

/* Finds the word of a scalar, or fails with the list of words. */
static bool
find_word(const Field *field, const Node *node, const Word **word, Error *err)
{
    LoadContext *load = field->load;

    if (node->kind != NODE_SCALAR)
        return fail_field(field, err, "a word");
    *word = word_find(field->option->words, node->text);
    if (*word == NULL)
        return config_fail(load, node->line, err, "%s: unknown word '%s'; it must be one of: %s",
                           field->label, config_shown(load, node->text),
                           word_list_text(field->option->words, load->arena));
    if ((*word)->availability == AVAILABLE_LATER)
        return config_fail(load, node->line, err, "%s: '%s' is not available in this version",
                           field->label, (*word)->text);
    return true;
}

static bool
fill_word(const Field *field, Error *err)
{
    const Word *word;

    if (!find_word(field, field->node, &word, err))
        return false;
    if (field->option->is_optional_int)
        store_int(field, word->value);
    else
        memcpy(field->at, &word->value, sizeof(word->value));
    return true;
}

typedef bool (*TakeItem)(const Field *field, const Node *item, const char **text, Error *err);

/* A single scalar is a list of one. */
static bool
fill_list(const Field *field, TakeItem take_item, Error *err)
{
    const Node *node = field->node;

    if (node->kind == NODE_MAPPING)
        return fail_field(field, err, "a text or a list of texts");
    size_t count = node->kind == NODE_SCALAR ? 1 : node->count;
    const char **items = ARENA_ARRAY(field->load->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        if (!take_item(field, node->kind == NODE_SCALAR ? node : node->items[i], &items[i], err))
            return false;
    *(TextList *)field->at = (TextList){.items = items, .count = count};
    return true;
}

static bool
take_text(const Field *field, const Node *item, const char **text, Error *err)
{
    if (item->kind != NODE_SCALAR || scalar_is_null(item) || *item->text == '\0')
        return config_fail(field->load, item->line, err,
                           "%s: each entry must be a text, none may be empty", field->label);
    *text = item->text;
    return true;
}

static bool
take_word(const Field *field, const Node *item, const char **text, Error *err)
{
    const Word *word;

    if (!find_word(field, item, &word, err))
        return false;
    *text = word->text;
    return true;
}

static bool
fill_text_list(const Field *field, Error *err)
{
    return fill_list(field, take_text, err);
}

static bool
fill_word_list(const Field *field, Error *err)
{
    return fill_list(field, take_word, err);
}

static bool
fill_ratio(const Field *field, const NodeEntry *entry, NullRatioLimit *limit, Error *err)
{
    LoadContext *load = field->load;

    limit->column = entry->key;
    if (scalar_to_double(entry->value, &limit->max) != NUMBER_OK || limit->max < 0)
        return config_fail(load, entry->line, err, "%s.%s: must be a number between 0 and 1",
                           field->label, config_shown(load, entry->key));
    if (limit->max > 1)
        config_warn(load, entry->line,
                    "%s.%s: a share of NULLs above 1 does not occur, so this check never fails",
                    field->label, config_shown(load, entry->key));
    return true;
}

static bool
fill_ratio_map(const Field *field, Error *err)
{
    const Node *node = field->node;

    if (node->kind != NODE_MAPPING)
        return fail_field(field, err, "a mapping of columns to numbers");
    RawRatios *ratios = field->at;
    ratios->items = ARENA_ARRAY(field->load->arena, NullRatioLimit, node->count);
    for (; ratios->count < node->count; ratios->count++)
        if (!fill_ratio(field, &node->entries[ratios->count], &ratios->items[ratios->count], err))
            return false;
    return true;
}

static bool
fill_override(const Field *field, const NodeEntry *entry, ColumnOverride *override, Error *err)
{
    LoadContext *load = field->load;
    const char *reason = "a type is needed";

    override->column = entry->key;
    override->line = entry->line;
    if (entry->value->kind == NODE_SCALAR && override_parse(entry->value->text, override, &reason))
        return true;
    return config_fail(load, entry->line, err, "%s.%s: unknown type '%s'; %s", field->label,
                       config_shown(load, entry->key),
                       entry->value->kind == NODE_SCALAR ? config_shown(load, entry->value->text)
                                                         : scalar_kind_name(entry->value),
                       reason);
}

static bool
fill_type_map(const Field *field, Error *err)
{
    const Node *node = field->node;

    if (node->kind != NODE_MAPPING)
        return fail_field(field, err, "a mapping of columns to types");
    RawOverrides *overrides = field->at;
    overrides->items = ARENA_ARRAY(field->load->arena, ColumnOverride, node->count);
    for (; overrides->count < node->count; overrides->count++)
        if (!fill_override(field, &node->entries[overrides->count],
                           &overrides->items[overrides->count], err))
            return false;
    return true;
}

/* A mapping of known fields: `prefix` begins the label of each ("source.", "export 'x': "). */
typedef struct Mapping {
    LoadContext *load;
    const OptionLevel *level;
    const Node *node;
    const char *prefix;
    void *base;
} Mapping;

static bool fill_mapping(const Mapping *mapping, Error *err);

static bool
fill_submapping(const Field *field, Error *err)
{
    return fill_mapping(
        &(Mapping){
            .load = field->load,
            .level = field->option->level,
            .node = field->node,
            .prefix = arena_format(field->load->arena, "%s.", field->label),
            .base = field->at,
        },
        err);
}

/* "export 'orders': ", or "exports[2]: " while there is no name. */
static const char *
export_prefix(LoadContext *load, const Node *node, size_t index)
{
    const NodeEntry *name = node_find_set(node, "name");

    if (name == NULL || name->value->kind != NODE_SCALAR)
        return arena_format(load->arena, "exports[%zu]: ", index);
    return arena_format(load->arena, "export '%s': ", config_shown(load, name->value->text));
}

static bool
fill_exports(const Field *field, Error *err)
{
    const Node *node = field->node;
    LoadContext *load = field->load;

    if (node->kind != NODE_SEQUENCE)
        return fail_field(field, err, "a list");
    RawExports *exports = field->at;
    exports->items = ARENA_ARRAY(load->arena, RawExport, node->count);
    for (size_t i = 0; i < node->count; i++) {
        RawExport *export = &exports->items[exports->count++];
        export->node = node->items[i];
        Mapping mapping = {
            .load = load,
            .level = field->option->level,
            .node = node->items[i],
            .prefix = export_prefix(load, node->items[i], i),
            .base = export,
        };
        if (!fill_mapping(&mapping, err))
            return false;
    }
    return true;
}

static bool
fill_field(const Field *field, Error *err)
{
    static bool (*const FILL[])(const Field *, Error *) = {
        [OPTION_BOOL] = fill_bool,           [OPTION_INT] = fill_int,
        [OPTION_TEXT] = fill_text,           [OPTION_SECRET] = fill_secret,
        [OPTION_BYTE] = fill_byte,           [OPTION_WORD] = fill_word,
        [OPTION_TEXT_LIST] = fill_text_list, [OPTION_WORD_LIST] = fill_word_list,
        [OPTION_RATIO_MAP] = fill_ratio_map, [OPTION_TYPE_MAP] = fill_type_map,
        [OPTION_MAPPING] = fill_submapping,  [OPTION_EXPORTS] = fill_exports,
    };
    return FILL[field->option->type](field, err);
}

static bool
fill_entry(const Mapping *mapping, const Option *option, const NodeEntry *entry, Error *err)
{
    Field field = {
        .load = mapping->load,
        .option = option,
        .node = entry->value,
        .line = entry->line,
        .label = arena_format(mapping->load->arena, "%s%s", mapping->prefix, option->name),
        .at = (char *)mapping->base + option->offset,
    };

    if (option->availability == AVAILABLE_LATER)
        return config_fail(mapping->load, entry->line, err,
                           "%s is not available in this version; remove it", field.label);
    return fill_field(&field, err);
}

/* Absent mappings get their defaults too. The texts come from the tables, so they convert. */
static void
fill_defaults(LoadContext *load, const OptionLevel *level, void *base)
{
    for (size_t i = 0; i < level->count; i++) {
        const Option *option = &level->options[i];
        void *at = (char *)base + option->offset;
        if (option->type == OPTION_MAPPING)
            fill_defaults(load, option->level, at);
        if (option->initial == NULL)
            continue;
        bool is_quoted = option->initial[0] == '\'';
        const char *text = is_quoted ? arena_dup_bytes(load->arena, option->initial + 1,
                                                       strlen(option->initial) - 2)
                                     : option->initial;
        Node node = {.kind = NODE_SCALAR, .is_plain = !is_quoted, .raw = text, .text = text};
        Field field = {.load = load, .option = option, .node = &node, .label = "", .at = at};
        Error err = ERROR_INIT;
        bool ok = fill_field(&field, &err);
        assert(ok);
        (void)ok;
    }
}

typedef struct Suggestion {
    const char *key;
    const char *path;
    Arena *arena;
} Suggestion;

/* The known field of exactly this name on another level. */
static bool
note_other_level(void *context, const char *path, const Option *option)
{
    Suggestion *suggestion = context;

    if (strcmp(option->name, suggestion->key) != 0)
        return true;
    suggestion->path = arena_dup_string(suggestion->arena, path);
    return false;
}

/* " Did you mean 'x'?" or " It belongs …", or nothing. */
static const char *
suggestion_for(LoadContext *load, const OptionLevel *level, const char *key)
{
    Nearest nearest = NEAREST_INIT(key);
    Suggestion other = {.key = key, .arena = load->arena};

    if (strcmp(key, "<<") == 0)
        return "; YAML 1.2 has no merge keys: repeat the fields or use an alias for a whole value";
    for (size_t i = 0; i < level->count; i++)
        nearest_offer(&nearest, level->options[i].name);
    if (nearest.best != NULL)
        return arena_format(load->arena, "; did you mean '%s'?", nearest.best);
    option_visit(note_other_level, &other);
    if (other.path != NULL)
        return arena_format(load->arena, "; it belongs at %s", other.path);
    return "";
}

static bool
meet_unknown_key(const Mapping *mapping, const NodeEntry *entry, Error *err)
{
    LoadContext *load = mapping->load;

    if (!load->options->is_strict && !config_can_warn(load)) {
        load->warning_count++;
        return true;
    }
    const char *label =
        arena_format(load->arena, "%s%s", mapping->prefix, config_shown(load, entry->key));
    const char *suggestion = suggestion_for(load, mapping->level, entry->key);
    if (load->options->is_strict)
        return config_fail(load, entry->line, err, "unknown key: %s%s", label, suggestion);
    config_warn(load, entry->line, "unknown key, ignored: %s%s", label, suggestion);
    return true;
}

/* How the mapping itself is named: its prefix without the end. */
static const char *
without_separator(const Mapping *mapping)
{
    size_t length = strlen(mapping->prefix);

    while (length > 0 && strchr(".: ", mapping->prefix[length - 1]) != NULL)
        length--;
    return length == 0 ? "the configuration"
                       : arena_dup_bytes(mapping->load->arena, mapping->prefix, length);
}

static bool
check_required(const Mapping *mapping, Error *err)
{
    for (size_t i = 0; i < mapping->level->count; i++) {
        const Option *option = &mapping->level->options[i];
        if (option->is_required && node_find_set(mapping->node, option->name) == NULL)
            return config_fail(mapping->load, node_line(mapping->node, option->name), err,
                               "%s: missing field '%s'", without_separator(mapping), option->name);
    }
    return true;
}

static bool
is_absent(const Option *option, const Node *value)
{
    bool is_spelt = value->kind == NODE_SCALAR && *value->text != '\0' && *value->text != '~';

    return scalar_is_null(value) && !(option->is_null_text && is_spelt);
}

static bool
fill_mapping(const Mapping *mapping, Error *err)
{
    const Node *node = mapping->node;

    if (node->kind != NODE_MAPPING)
        return config_fail(mapping->load, node->line, err, "%s: must be a mapping, not %s",
                           without_separator(mapping), scalar_kind_name(node));
    fill_defaults(mapping->load, mapping->level, mapping->base);
    for (size_t i = 0; i < node->count; i++) {
        const NodeEntry *entry = &node->entries[i];
        const Option *option = option_find(mapping->level, entry->key);
        if (option == NULL) {
            if (!meet_unknown_key(mapping, entry, err))
                return false;
        } else if (!is_absent(option, entry->value) && !fill_entry(mapping, option, entry, err)) {
            return false;
        }
    }
    return check_required(mapping, err);
}

bool
fill_config(LoadContext *load, const Node *root, RawConfig *raw, Error *err)
{
    const NodeEntry *source = node_find_set(root, "source");

    raw->source_node = source == NULL ? NULL : source->value;
    return fill_mapping(
        &(Mapping){.load = load, .level = option_root(), .node = root, .prefix = "", .base = raw},
        err);
}
