#include "fixture.h"

#include <unistd.h>

#include "config/expand.h"

static const Param PARAMS[] = {
    {"ONE", "1"},
    {"TWICE", "first"},
    {"TWICE", "last"},
    {"EMPTY", ""},
    {"SHADOW", "param"},
    {"SELF", "a${SELF}b${ONE}"},
    {"YAML", "x\", injected: \"y"},
    {"LINES", "a: 1\nb: 2"},
    {"MODE", "incremental"},
};

static void
set_environment(void)
{
    setenv("RIVET_TEST_ENV", "env", 1);
    setenv("SHADOW", "env", 1);
    setenv("RIVET_TEST_EMPTY", "", 1);
    unsetenv("RIVET_TEST_UNSET");
}

static const struct {
    const char *text;
    const char *want; /* NULL: an unset name */
    const char *unset;
} TEXT_CASES[] = {
    {"", "", NULL},
    {"plain", "plain", NULL},
    {"${ONE}", "1", NULL},
    {"a${ONE}b${ONE}c", "a1b1c", NULL},
    {"${TWICE}", "last", NULL},
    {"[${EMPTY}]", "[]", NULL},
    {"[${RIVET_TEST_EMPTY}]", "[]", NULL},
    {"${RIVET_TEST_ENV}", "env", NULL},
    {"${SHADOW}", "param", NULL},
    {"[${}]", "[]", NULL},
    {"$ONE $ $$ {ONE}", "$ONE $ $$ {ONE}", NULL},
    {"${ONE} ${unclosed", "1 ${unclosed", NULL},
    {"${", "${", NULL},
    {"${SELF}", "a${SELF}b${ONE}", NULL}, /* not looked at again */
    {"$${ONE}}", "$1}", NULL},
    {"${ONE${ONE}}", NULL, "ONE${ONE"},
    {"${RIVET_TEST_UNSET}", NULL, "RIVET_TEST_UNSET"},
    {"${ONE} ${RIVET_TEST_UNSET}", NULL, "RIVET_TEST_UNSET"},
    {"${ONE }", NULL, "ONE "},
};

static void
test_text(void **state)
{
    ExpandScope scope = {.params = PARAMS, .param_count = ARRAY_LENGTH(PARAMS)};
    Arena arena = {0};

    (void)state;
    set_environment();
    for (size_t i = 0; i < ARRAY_LENGTH(TEXT_CASES); i++) {
        const char *got = NULL;
        ExpandFailure failure = {0};
        bool ok = expand_text(&scope, TEXT_CASES[i].text, &arena, &got, &failure);
        if (ok != (TEXT_CASES[i].want != NULL))
            fail_msg("\"%s\" was %s", TEXT_CASES[i].text, ok ? "expanded" : "refused");
        assert_string_equal(ok ? got : failure.name, ok ? TEXT_CASES[i].want : TEXT_CASES[i].unset);
        assert_null(failure.problem);
    }
    arena_release(&arena);
}

static const Param HOSTILE[] = {
    {"PLAIN", "abc"},    {"QUOTES", "it's \"so\" `x`"},           {"SLASH", "a\\' OR 1=1 -- "},
    {"SLASH_END", "\\"}, {"UNICODE", "\xc3\xa4\xf0\x9f\xa6\x80"}, {"NOTHING", ""},
    {"DOTS", "a.b"},     {"AGAIN", "${PLAIN:literal}"},           {"A:B", "colon"},
};

static const struct {
    const char *text;
    const char *postgres, *mysql; /* NULL: refused */
} FORM_CASES[] = {
    {"=${PLAIN:literal};", "= 'abc';", "= 'abc';"},
    {"${PLAIN:ident}", "\"abc\"", "`abc`"},
    {"${QUOTES:literal}", " 'it''s \"so\" `x`'", " 'it''s \"so\" `x`'"},
    {"${QUOTES:ident}", "\"it's \"\"so\"\" `x`\"", "`it's \"so\" ``x```"},
    {"${SLASH:literal}", " E'a\\\\'' OR 1=1 -- '", " _utf8mb4 X'615C27204F5220313D31202D2D20'"},
    {"${SLASH_END:literal}", " E'\\\\'", " _utf8mb4 X'5C'"},
    {"${SLASH_END:ident}", "\"\\\"", "`\\`"},
    {"${UNICODE:literal}", " '\xc3\xa4\xf0\x9f\xa6\x80'", " '\xc3\xa4\xf0\x9f\xa6\x80'"},
    {"${NOTHING:literal}", " ''", " ''"},
    {"${NOTHING:ident}", NULL, NULL},
    {"${DOTS:ident}.${PLAIN:ident}", "\"a.b\".\"abc\"", "`a.b`.`abc`"},
    {"${AGAIN:literal}", " '${PLAIN:literal}'", " '${PLAIN:literal}'"},
    {"${A:B} ${A:B:literal}", "colon  'colon'", "colon  'colon'"},
    {"${PLAIN} 'x' ${PLAIN:literal}", "abc 'x'  'abc'", "abc 'x'  'abc'"},
    {"'${PLAIN:literal}'", NULL, NULL},
    {"LIKE '%${PLAIN:literal}%'", NULL, NULL},
    {"'a''${PLAIN:literal}", NULL, NULL},
    {"\"${PLAIN:ident}\"", NULL, NULL},
    {"-- x ${PLAIN:literal}", NULL, NULL},
    {"-- it's\n${PLAIN:literal}", "-- it's\n 'abc'", "-- it's\n 'abc'"},
    {"1--1 ${PLAIN:literal}", NULL, "1--1  'abc'"},
    {"/* it's */${PLAIN:literal}", "/* it's */ 'abc'", "/* it's */ 'abc'"},
    {"/* /* */ ${PLAIN:literal}", NULL, "/* /* */  'abc'"},
    {"# it's ${PLAIN:literal}", NULL, NULL},
    {"# ${PLAIN:literal}", "#  'abc'", NULL},
    {"'it\\'s' ${PLAIN:literal}", NULL, "'it\\'s'  'abc'"},
    {"'\\' ${PLAIN:literal}", "'\\'  'abc'", NULL},
    {"E'it\\'s' ${PLAIN:literal}", "E'it\\'s'  'abc'", "E'it\\'s'  'abc'"},
    {"LIKE'\\' ${PLAIN:literal}", "LIKE'\\'  'abc'", NULL},
    {"`it's` ${PLAIN:literal}", NULL, "`it's`  'abc'"},
    {"$$ it is ${PLAIN:literal} $$", NULL, "$$ it is  'abc' $$"},
    {"$$${PLAIN:literal}$$", NULL, "$$ 'abc'$$"},
    {"$t$ it's $$ ${PLAIN:literal} $t$", NULL, NULL},
    {"$t$ it's $t$ ${PLAIN:literal}", "$t$ it's $t$  'abc'", NULL},
    {"$1 ${PLAIN:literal} $1", "$1  'abc' $1", "$1  'abc' $1"},
    {"a$$ ${PLAIN:literal} $$", "a$$  'abc' $$", "a$$  'abc' $$"},
    {"LIKE${PLAIN:literal}", "LIKE 'abc'", "LIKE 'abc'"},
    {"''${PLAIN:literal}", "'' 'abc'", "'' 'abc'"},
    {"/*! ${PLAIN:literal} */", NULL, NULL},
    {"\"it's\" ${PLAIN:literal}", "\"it's\"  'abc'", "\"it's\"  'abc'"},
};

static void
test_forms(void **state)
{
    static const SourceKind KINDS[] = {SOURCE_POSTGRES, SOURCE_MYSQL};
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(FORM_CASES); i++) {
        const SourceKind *kind = &KINDS[i % 2];
        const char *text = FORM_CASES[i / 2].text;
        const char *want =
            *kind == SOURCE_MYSQL ? FORM_CASES[i / 2].mysql : FORM_CASES[i / 2].postgres;
        const ExpandScope scope = {.params = HOSTILE,
                                   .param_count = ARRAY_LENGTH(HOSTILE),
                                   .is_query = true,
                                   .kind = kind};
        const char *got = NULL;
        ExpandFailure failure = {0};
        if (expand_text(&scope, text, &arena, &got, &failure)) {
            if (want == NULL)
                fail_msg("\"%s\" became \"%s\"", text, got);
            assert_string_equal(got, want);
        } else if (want != NULL || failure.problem == NULL) {
            fail_msg("\"%s\" was refused", text);
        }
    }
    arena_release(&arena);
}

static bool
load_with_params(const char *yaml, bool allows_unset, Config **config, Error *err)
{
    ConfigOptions options = {
        .path = "dir/c.yaml",
        .params = PARAMS,
        .param_count = ARRAY_LENGTH(PARAMS),
        .allows_unset_in_queries = allows_unset,
    };

    *err = ERROR_INIT;
    return config_load_text(&options, yaml, strlen(yaml), config, err);
}

/* After parsing, in keys and scalars, never in comments; plain scalars are typed afterwards. */
static void
test_document(void **state)
{
    Config *config = NULL;
    Error err;

    (void)state;
    set_environment();
    assert_ok(load_with_params("# ${RIVET_TEST_UNSET}\n"
                               "source:\n"
                               "  type: postgres\n"
                               "  host: \"${YAML}\"\n"
                               "  user: '${LINES}'\n"
                               "  database: d${ONE}\n"
                               "  password: ${EMPTY}\n"
                               "  port: ${ONE}\n"
                               "exports:\n"
                               "  - name: a # ${RIVET_TEST_UNSET}\n"
                               "    query: SELECT ${ONE}\n"
                               "    mode: ${MODE}\n"
                               "    cursor_column: ${RIVET_TEST_ENV}\n"
                               "    parallel: 1${ONE}\n"
                               "    format: parquet\n"
                               "    columns: {\"c${ONE}\": text}\n"
                               "    destination: {type: local, path: \"x/${RIVET_TEST_EMPTY}y\"}\n",
                               false, &config, &err),
              &err);
    assert_string_equal(config->source.host, "x\", injected: \"y");
    assert_string_equal(config->source.user, "a: 1\nb: 2");
    assert_string_equal(config->source.database, "d1");
    assert_false(secret_is_set(config->source.password)); /* nothing is null */
    assert_int_equal(config->source.port.value, 1);
    assert_string_equal(config->exports[0].query, "SELECT ${ONE}");
    assert_int_equal(config->exports[0].mode, MODE_INCREMENTAL);
    assert_string_equal(config->exports[0].cursor_columns.items[0], "env");
    assert_int_equal(config->exports[0].parallel, 11);
    assert_string_equal(config->exports[0].type_rules.overrides[0].column, "c1");
    assert_string_equal(config->exports[0].destination.path, "x/y");
    config_free(config);
}

static const struct {
    const char *name, *yaml, *place, *text;
} REFUSED[] = {
    {"value", "source: {type: postgres,\n  url: '${RIVET_TEST_UNSET}'}\n" EXPORT(""),
     "dir/c.yaml:2", "--param RIVET_TEST_UNSET=VALUE"},
    {"key", SOURCE EXPORT("") "'${RIVET_TEST_UNSET}': 1\n", "dir/c.yaml:4", "RIVET_TEST_UNSET"},
    {"below an unknown key", SOURCE EXPORT("") "x:\n  y: ${RIVET_TEST_UNSET}\n", "dir/c.yaml:5",
     "RIVET_TEST_UNSET"},
    {"query", SOURCE "exports:\n- name: a\n  query: SELECT ${RIVET_TEST_UNSET}\n", "dir/c.yaml:4",
     "${RIVET_TEST_UNSET}"},
    {"key twice once expanded", SOURCE EXPORT("") "'${MODE}': 1\nincremental: 2\n", "dir/c.yaml:5",
     "duplicate key 'incremental'"},
    {"quoted number",
     "source: {type: postgres, host: h, user: u, database: d, port: '${ONE}'}\n" EXPORT(""),
     "dir/c.yaml:1", "source.port"},
    {"form elsewhere", SOURCE EXPORT("") "x: ${ONE:literal}\n", "dir/c.yaml:4", "form for queries"},
    {"unset in a form", SOURCE "exports:\n- name: a\n  query: SELECT ${RIVET_TEST_UNSET:literal}\n",
     "dir/c.yaml:4", "--param RIVET_TEST_UNSET=VALUE"},
};

static void
test_refused(void **state)
{
    (void)state;
    set_environment();
    for (size_t i = 0; i < ARRAY_LENGTH(REFUSED); i++) {
        Config *config = NULL;
        Error err;
        assert_error(load_with_params(REFUSED[i].yaml, false, &config, &err), &err, ERR_CONFIG,
                     REFUSED[i].text);
        if (strcmp(err.context, REFUSED[i].place) != 0)
            fail_msg("%s: %s", REFUSED[i].name, err.context);
    }
}

/* What doctor asks for: a name missing in queries only. */
static void
test_unset_in_queries(void **state)
{
    static const char YAML[] = SOURCE "exports:\n- {name: a, query: 'SELECT ${RIVET_TEST_UNSET}', "
                                      "format: csv, destination: {type: "
                                      "local}}\n";
    static const char ELSEWHERE[] =
        SOURCE "exports:\n- {name: a, query: q, format: csv, destination: {type: local, path: "
               "'${RIVET_TEST_UNSET}'}}\n";
    Config *config = NULL;
    Error err;

    (void)state;
    set_environment();
    assert_ok(load_with_params(YAML, true, &config, &err), &err);
    assert_string_equal(config->exports[0].query, "SELECT ${RIVET_TEST_UNSET}");
    config_free(config);
    assert_error(load_with_params(ELSEWHERE, true, &config, &err), &err, ERR_CONFIG,
                 "RIVET_TEST_UNSET");
}

/* An anchor on a query is text like any other where its alias stands. */
static void
test_alias_of_a_query(void **state)
{
    Config *config = NULL;
    Error err;
    const char *query = NULL;
    Arena arena = {0};

    (void)state;
    set_environment();
    assert_ok(load_with_params(SOURCE "exports:\n- {name: a, query: &q 'x${SELF}', format: csv, "
                                      "destination: {type: local, path: *q}}\n",
                               false, &config, &err),
              &err);
    assert_string_equal(config->exports[0].destination.path, "xa${SELF}b${ONE}");
    ConfigOptions options = {.params = PARAMS, .param_count = ARRAY_LENGTH(PARAMS)};
    assert_ok(config_resolve_query(config, &config->exports[0], &options, &arena, &query, &err),
              &err);
    assert_string_equal(query, "xa${SELF}b${ONE}"); /* once, here too */
    arena_release(&arena);
    config_free(config);
}

/* Both exports share the mapping; its key must be expanded once all the same. */
static void
test_shared_keys(void **state)
{
    Config *config = NULL;
    Error err;

    (void)state;
    assert_ok(load_with_params(SOURCE
                               "exports:\n"
                               "- {name: a, query: q, format: csv, destination: {type: local}, "
                               "columns: &c {'${SELF}': text}}\n"
                               "- {name: b, query: q, format: csv, destination: {type: local}, "
                               "columns: *c}\n",
                               false, &config, &err),
              &err);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(config->exports[i].type_rules.overrides[0].column, "a${SELF}b${ONE}");
    config_free(config);
}

static void
write_file(const char *path, const char *text, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

static const struct {
    const char *name, *content;
    size_t size_bytes;
    const char *want; /* NULL: refused */
    const char *message;
} QUERY_FILES[] = {
    {"plain", "SELECT 1;\n", 10, "SELECT 1;\n", NULL},
    {"expanded", "SELECT ${ONE}, ${RIVET_TEST_ENV}", 32, "SELECT 1, env", NULL},
    {"unset", "SELECT ${RIVET_TEST_UNSET}", 26, NULL, "export 'a': ${RIVET_TEST_UNSET}"},
    {"quoted", "SELECT ${YAML:literal}", 22, "SELECT  'x\", injected: \"y'", NULL},
    {"quoted twice", "SELECT '${YAML:literal}'", 24, NULL, "${YAML} brings its own quotes"},
    {"empty", " \n", 2, NULL, "the query is empty"},
    {"NUL", "SELECT\0 1", 9, NULL, "NUL"},
};

static void
test_query_file(void **state)
{
    char directory[] = "/tmp/rivet_config_XXXXXX";
    char config_path[64], query_path[64];
    static const char YAML[] = SOURCE "exports:\n- {name: a, query_file: sub.sql, format: csv, "
                                      "destination: {type: local}}\n";
    ConfigOptions options = {
        .path = config_path, .params = PARAMS, .param_count = ARRAY_LENGTH(PARAMS)};
    Config *config = NULL;
    Error err = ERROR_INIT;

    (void)state;
    set_environment();
    assert_non_null(mkdtemp(directory));
    snprintf(config_path, sizeof(config_path), "%s/c.yaml", directory);
    snprintf(query_path, sizeof(query_path), "%s/sub.sql", directory);
    write_file(config_path, YAML, sizeof(YAML) - 1);
    assert_ok(config_load(&options, &config, &err), &err);
    for (size_t i = 0; i < ARRAY_LENGTH(QUERY_FILES); i++) {
        Arena arena = {0};
        const char *query = NULL;
        write_file(query_path, QUERY_FILES[i].content, QUERY_FILES[i].size_bytes);
        err = ERROR_INIT;
        bool ok = config_resolve_query(config, &config->exports[0], &options, &arena, &query, &err);
        if (QUERY_FILES[i].want != NULL) {
            assert_ok(ok, &err);
            assert_string_equal(query, QUERY_FILES[i].want);
        } else {
            assert_error(ok, &err, ERR_CONFIG, QUERY_FILES[i].message);
        }
        arena_release(&arena);
    }
    unlink(query_path);
    Arena arena = {0};
    const char *query = NULL;
    err = ERROR_INIT;
    assert_error(config_resolve_query(config, &config->exports[0], &options, &arena, &query, &err),
                 &err, ERR_CONFIG, "No such file or directory");
    assert_non_null(strstr(err.message, query_path));
    arena_release(&arena);
    config_free(config);
    unlink(config_path);
    rmdir(directory);
}

/* 60 names of one megabyte each are more than a configuration may hold. */
static void
test_expansion_is_bounded(void **state)
{
    enum { VALUE_BYTES = 1024 * 1024 };
    char *value = malloc(VALUE_BYTES + 1);
    char yaml[4096] = "x: \"";
    size_t length = strlen(yaml);
    Config *config = NULL;
    Error err = ERROR_INIT;

    (void)state;
    memset(value, 'v', VALUE_BYTES);
    value[VALUE_BYTES] = '\0';
    for (int i = 0; i < 100; i++)
        length += (size_t)snprintf(yaml + length, sizeof(yaml) - length, "${BIG}");
    snprintf(yaml + length, sizeof(yaml) - length, "\"\n");
    ConfigOptions options = {
        .path = "c", .params = &(Param){.key = "BIG", .value = value}, .param_count = 1};
    assert_error(config_load_text(&options, yaml, strlen(yaml), &config, &err), &err, ERR_CONFIG,
                 "64 MB");
    free(value);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_unset_in_queries),
        cmocka_unit_test(test_alias_of_a_query),
        cmocka_unit_test(test_shared_keys),
        cmocka_unit_test(test_query_file),
        cmocka_unit_test(test_expansion_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
