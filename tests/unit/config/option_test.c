#include "../test.h"

#include "config/option.h"
#include "config/target.h"

/* Each row is complete enough for documentation generated from it. */
static bool
check_row(void *context, const char *path, const Option *option)
{
    size_t *count = context;
    bool needs_words = option->type == OPTION_WORD || option->type == OPTION_WORD_LIST;
    bool needs_level = option->type == OPTION_MAPPING || option->type == OPTION_EXPORTS;

    (*count)++;
    if (option->help == NULL || option->help[strlen(option->help) - 1] != '.')
        fail_msg("%s: help", path);
    if ((option->words != NULL) != needs_words || (option->level != NULL) != needs_level)
        fail_msg("%s: words or level", path);
    if (option->is_required && (option->initial != NULL || option->default_note != NULL))
        fail_msg("%s: required and with a default", path);
    if (option->initial != NULL && option->is_optional_int)
        fail_msg("%s: optional and with a default", path);
    if (option->type == OPTION_INT && option->min >= option->max)
        fail_msg("%s: limits", path);
    if (option->type == OPTION_INT && option->initial == NULL && !option->is_optional_int)
        fail_msg("%s: a number without default", path);
    if (option->type == OPTION_WORD && option->initial != NULL &&
        word_find(option->words, option->initial) == NULL)
        fail_msg("%s: the default is no word", path);
    assert_non_null(option_type_name(option->type));
    return true;
}

static void
test_rows(void **state)
{
    size_t count = 0;

    (void)state;
    option_visit(check_row, &count);
    assert_true(count > 120);
}

/* Fields of one level never share a place, and names are unique. */
static void
check_level(const OptionLevel *level)
{
    for (size_t i = 0; i < level->count; i++) {
        const Option *option = &level->options[i];
        if (option->level != NULL)
            check_level(option->level);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(option->name, level->options[j].name);
            if (option->level == NULL && level->options[j].level == NULL &&
                option->offset == level->options[j].offset)
                fail_msg("%s and %s share a place", option->name, level->options[j].name);
        }
        assert_ptr_equal(option_find(level, option->name), option);
    }
}

static void
test_places(void **state)
{
    (void)state;
    check_level(option_root());
    assert_null(option_find(option_root(), "nothing"));
}

static bool
stop_at_name(void *context, const char *path, const Option *option)
{
    const char **stop = context;

    if (strcmp(path, *stop) != 0)
        return true;
    *stop = option->name;
    return false;
}

static void
test_paths(void **state)
{
    static const struct {
        const char *path, *name;
    } PATHS[] = {
        {"source", "source"},
        {"source.tuning.fetch", "fetch"},
        {"source.tls.mode", "mode"},
        {"exports[]", "exports"},
        {"exports[].csv.null", "null"},
        {"exports[].tuning.batch_size", "batch_size"},
        {"notifications.webhook.url_env", "url_env"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(PATHS); i++) {
        const char *found = PATHS[i].path;
        option_visit(stop_at_name, &found);
        assert_string_equal(found, PATHS[i].name);
    }
}

static void
test_words(void **state)
{
    Arena arena = {0};

    (void)state;
    assert_string_equal(source_kind_word(SOURCE_MYSQL), "mysql");
    assert_string_equal(export_mode_word(MODE_TIME_WINDOW), "time_window");
    assert_string_equal(format_word(FORMAT_CSV), "csv");
    assert_string_equal(compression_word(COMPRESSION_LZ4), "lz4");
    assert_string_equal(destination_kind_word(DESTINATION_STDOUT), "stdout");
    assert_string_equal(profile_word(PROFILE_SAFE), "safe");
    assert_string_equal(word_list_text(&FORMAT_WORDS, &arena), "parquet, csv");
    arena_release(&arena);
}

/* Every named reader says what its types are, each line says why, and none says it twice. */
static void
test_targets(void **state)
{
    size_t count;
    const TargetRow *rows = target_rows(&count);

    (void)state;
    for (size_t word = 0; word < TARGET_WORDS.count; word++) {
        bool sets_types = false;
        for (size_t i = 0; i < count; i++)
            sets_types =
                sets_types || ((unsigned)rows[i].target == TARGET_WORDS.words[word].value &&
                               rows[i].option == TARGET_SETS_TYPES);
        assert_true(sets_types);
    }
    for (size_t i = 0; i < count; i++) {
        assert_non_null(rows[i].reason);
        for (size_t j = 0; j < i; j++)
            assert_false(rows[i].target == rows[j].target && rows[i].option == rows[j].option);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),  cmocka_unit_test(test_places),  cmocka_unit_test(test_paths),
        cmocka_unit_test(test_words), cmocka_unit_test(test_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
