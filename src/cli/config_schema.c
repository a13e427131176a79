#include "cli/config_schema.h"

#include "config/option.h"

/* ${NAME} may stand for a value of any type. */
static const char PLACEHOLDER[] = "\\$\\{.*\\}";

static json_t *level_schema(const OptionLevel *level);

static json_t *
any_of(json_t *first, json_t *second)
{
    return json_pack("{s[oo]}", "anyOf", first, second);
}

static json_t *
or_placeholder(json_t *schema)
{
    return any_of(schema, json_pack("{ss ss}", "type", "string", "pattern", PLACEHOLDER));
}

/* Texts are taken as written, also where YAML reads a number or a truth value. */
static json_t *
text_schema(void)
{
    return json_pack("{s[sss]}", "type", "string", "number", "boolean");
}

static json_t *
int_schema(const Option *option)
{
    json_t *schema = json_pack("{ss sI}", "type", "integer", "minimum", (json_int_t)option->min);

    if (option->max != INT64_MAX)
        json_object_set_new(schema, "maximum", json_integer(option->max));
    return or_placeholder(schema);
}

/* YAML reads the word null as nothing. */
static json_t *
word_schema(const Option *option)
{
    json_t *words = json_array();

    for (size_t i = 0; i < option->words->count; i++)
        json_array_append_new(words, json_string(option->words->words[i].text));
    return or_placeholder(json_pack("{so}", "enum", words));
}

static json_t *
list_schema(json_t *item)
{
    json_t *list = json_pack("{ss sO}", "type", "array", "items", item);

    return any_of(item, list);
}

static json_t *
map_schema(json_t *value)
{
    return json_pack("{ss so}", "type", "object", "additionalProperties", value);
}

static json_t *
type_schema(const Option *option)
{
    switch (option->type) {
    case OPTION_BOOL:
        return or_placeholder(json_pack("{ss}", "type", "boolean"));
    case OPTION_INT:
        return int_schema(option);
    case OPTION_TEXT:
    case OPTION_SECRET:
    case OPTION_BYTE:
        return text_schema();
    case OPTION_WORD:
        return word_schema(option);
    case OPTION_TEXT_LIST:
        return list_schema(text_schema());
    case OPTION_WORD_LIST:
        return list_schema(word_schema(option));
    case OPTION_RATIO_MAP:
        return map_schema(or_placeholder(json_pack("{ss}", "type", "number")));
    case OPTION_TYPE_MAP:
        return map_schema(text_schema());
    case OPTION_MAPPING:
        return level_schema(option->level);
    case OPTION_EXPORTS:
        return json_pack("{ss si so}", "type", "array", "minItems", 1, "items",
                         level_schema(option->level));
    }
    return json_object();
}

static void
describe(const Option *option, json_t *schema)
{
    const char *initial = option->initial != NULL ? option->initial : option->default_note;
    json_t *text = initial == NULL ? json_string(option->help)
                                   : json_sprintf("%s Default: %s.", option->help, initial);

    json_object_set_new(schema, "description", text);
}

/* A field that is written without a value counts as left out. */
static json_t *
option_schema(const Option *option)
{
    json_t *schema = type_schema(option);

    if (!option->is_required)
        schema = any_of(schema, json_pack("{ss}", "type", "null"));
    describe(option, schema);
    return schema;
}

/* Tuning fields where they have no effect are errors, not unknown keys. */
static void
forbid_misplaced(const OptionLevel *level, json_t *properties)
{
    const OptionLevel *tuning = option_tuning_level();

    if (level == tuning || option_find(level, "tuning") == NULL)
        return;
    for (size_t i = 0; i < tuning->count; i++)
        if (tuning->options[i].is_tuning_only &&
            option_find(level, tuning->options[i].name) == NULL)
            json_object_set_new(properties, tuning->options[i].name, json_false());
}

static json_t *
level_schema(const OptionLevel *level)
{
    json_t *properties = json_object();
    json_t *required = json_array();

    for (size_t i = 0; i < level->count; i++) {
        const Option *option = &level->options[i];
        json_object_set_new(properties, option->name, option_schema(option));
        if (option->is_required)
            json_array_append_new(required, json_string(option->name));
    }
    forbid_misplaced(level, properties);
    return json_pack("{ss so so}", "type", "object", "properties", properties, "required",
                     required);
}

json_t *
config_schema(void)
{
    json_t *schema = level_schema(option_root());

    json_object_set_new(schema, "$schema",
                        json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(schema, "title", json_string("rivet configuration"));
    return schema;
}
