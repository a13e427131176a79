#include "../test.h"

#include "source/query.h"

static const QueryDialect POSTGRES = {
    .has_dollar_quotes = true, .has_escape_strings = true, .has_nested_comments = true};
static const QueryDialect MYSQL = {
    .has_backslash_escapes = true,
    .has_executable_comments = true,
    .has_hash_comments = true,
    .has_backticks = true,
    .needs_blank_after_dashes = true,
};

/* want NULL: an error whose message holds `error`. */
static const struct {
    const QueryDialect *dialect;
    const char *query, *want, *error;
} CASES[] = {
    {&POSTGRES, "SELECT 1", "SELECT 1", NULL},
    {&POSTGRES, " \n SELECT 1 ;; \n", "SELECT 1", NULL},
    {&POSTGRES, ";SELECT 1", "SELECT 1", NULL},
    {&POSTGRES, "SELECT 1 -- the end; really", "SELECT 1", NULL},
    {&POSTGRES, "SELECT 1; -- the end\n/* and; more */ ;", "SELECT 1", NULL},
    {&POSTGRES, "/*+ hint */ SELECT 1", "/*+ hint */ SELECT 1", NULL},
    {&POSTGRES, "SELECT 1 -- inner\n, 2", "SELECT 1 -- inner\n, 2", NULL},
    {&POSTGRES, "SELECT ';' AS a;", "SELECT ';' AS a", NULL},
    {&POSTGRES, "SELECT 'it''s;' AS a", "SELECT 'it''s;' AS a", NULL},
    {&POSTGRES, "SELECT '\\'; ", "SELECT '\\'", NULL},
    {&POSTGRES, "SELECT E'\\';' AS a;", "SELECT E'\\';' AS a", NULL},
    {&POSTGRES, "SELECT 1 AS \"a;\"\";\"", "SELECT 1 AS \"a;\"\";\"", NULL},
    {&POSTGRES, "SELECT $$;$$, $x$ $$; $x$ ;", "SELECT $$;$$, $x$ $$; $x$", NULL},
    {&POSTGRES, "SELECT a$b$c FROM t; ", "SELECT a$b$c FROM t", NULL},
    {&POSTGRES, "SELECT 1 /* /* ; */ ; */ ;", "SELECT 1", NULL},
    {&POSTGRES, "SELECT (1), ')' ;", "SELECT (1), ')'", NULL},
    {&POSTGRES, "", NULL, "empty"},
    {&POSTGRES, " ;; -- nothing", NULL, "empty"},
    {&POSTGRES, "SELECT 1; SELECT 2", NULL, "more than one statement"},
    {&POSTGRES, "SELECT 1) AS a; DROP TABLE t; --", NULL, "did not open"},
    {&POSTGRES, "SELECT 1) AS a, (SELECT 2", NULL, "did not open"},
    {&POSTGRES, "SELECT (1", NULL, "open"},
    {&POSTGRES, "SELECT 'a", NULL, "inside a quote"},
    {&POSTGRES, "SELECT \"a", NULL, "inside a quote"},
    {&POSTGRES, "SELECT 1 /* a", NULL, "inside a quote or comment"},
    {&POSTGRES, "SELECT $x$ a $y$", NULL, "inside a quote"},
    {&MYSQL, "SELECT 'a\\';' ;", "SELECT 'a\\';'", NULL},
    {&MYSQL, "SELECT \"a\\\";\" ;", "SELECT \"a\\\";\"", NULL},
    {&MYSQL, "SELECT `a;` FROM t # the; end", "SELECT `a;` FROM t", NULL},
    {&MYSQL, "SELECT 5--1 ;", "SELECT 5--1", NULL},
    {&MYSQL, "SELECT 5 -- 1 ;", "SELECT 5", NULL},
    {&MYSQL, "SELECT 1 /* a /* b */ ;", "SELECT 1", NULL},
    {&MYSQL, "SELECT 1 /*! FOR UPDATE */ ;", "SELECT 1 /*! FOR UPDATE */", NULL},
    {&MYSQL, "SELECT 1 /*M! + 1 */ ;", "SELECT 1 /*M! + 1 */", NULL},
};

static void
cleans_or_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Arena arena = {0};
        Error err = ERROR_INIT;
        const char *clean = NULL;
        if (CASES[i].want != NULL) {
            assert_ok(query_clean(CASES[i].dialect, CASES[i].query, &arena, &clean, &err), &err);
            assert_string_equal(clean, CASES[i].want);
        } else {
            assert_error(query_clean(CASES[i].dialect, CASES[i].query, &arena, &clean, &err), &err,
                         ERR_CONFIG, CASES[i].error);
        }
        arena_release(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cleans_or_refuses)};

    return cmocka_run_group_tests_name("source/query", tests, NULL, NULL);
}
