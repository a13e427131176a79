#include "../test.h"

#include "config/query_scan.h"

/* want NULL: an error whose message holds `error`. */
static const struct {
    SourceKind kind;
    const char *query, *want, *error;
} CASES[] = {
    {SOURCE_POSTGRES, "SELECT 1", "SELECT 1", NULL},
    {SOURCE_POSTGRES, " \n SELECT 1 ;; \n", "SELECT 1", NULL},
    {SOURCE_POSTGRES, ";SELECT 1", "SELECT 1", NULL},
    {SOURCE_POSTGRES, "SELECT 1 -- the end; really", "SELECT 1", NULL},
    {SOURCE_POSTGRES, "SELECT 1; -- the end\n/* and; more */ ;", "SELECT 1", NULL},
    {SOURCE_POSTGRES, "/*+ hint */ SELECT 1", "/*+ hint */ SELECT 1", NULL},
    {SOURCE_POSTGRES, "SELECT 1 -- inner\n, 2", "SELECT 1 -- inner\n, 2", NULL},
    {SOURCE_POSTGRES, "SELECT ';' AS a;", "SELECT ';' AS a", NULL},
    {SOURCE_POSTGRES, "SELECT 'it''s;' AS a", "SELECT 'it''s;' AS a", NULL},
    {SOURCE_POSTGRES, "SELECT '\\'; ", "SELECT '\\'", NULL},
    {SOURCE_POSTGRES, "SELECT E'\\';' AS a;", "SELECT E'\\';' AS a", NULL},
    {SOURCE_POSTGRES, "SELECT 1 AS \"a;\"\";\"", "SELECT 1 AS \"a;\"\";\"", NULL},
    {SOURCE_POSTGRES, "SELECT $$;$$, $x$ $$; $x$ ;", "SELECT $$;$$, $x$ $$; $x$", NULL},
    {SOURCE_POSTGRES, "SELECT a$b$c FROM t; ", "SELECT a$b$c FROM t", NULL},
    {SOURCE_POSTGRES, "SELECT 1 /* /* ; */ ; */ ;", "SELECT 1", NULL},
    {SOURCE_POSTGRES, "SELECT (1), ')' ;", "SELECT (1), ')'", NULL},
    {SOURCE_POSTGRES, "", NULL, "empty"},
    {SOURCE_POSTGRES, " ;; -- nothing", NULL, "empty"},
    {SOURCE_POSTGRES, "SELECT 1; SELECT 2", NULL, "more than one statement"},
    {SOURCE_POSTGRES, "SELECT 1) AS a; DROP TABLE t; --", NULL, "did not open"},
    {SOURCE_POSTGRES, "SELECT 1) AS a, (SELECT 2", NULL, "did not open"},
    {SOURCE_POSTGRES, "SELECT (1", NULL, "open"},
    {SOURCE_POSTGRES, "SELECT 'a", NULL, "inside a quote"},
    {SOURCE_POSTGRES, "SELECT \"a", NULL, "inside a quote"},
    {SOURCE_POSTGRES, "SELECT 1 /* a", NULL, "inside a quote or comment"},
    {SOURCE_POSTGRES, "SELECT $x$ a $y$", NULL, "inside a quote"},
    {SOURCE_MYSQL, "SELECT 'a\\';' ;", "SELECT 'a\\';'", NULL},
    {SOURCE_MYSQL, "SELECT \"a\\\";\" ;", "SELECT \"a\\\";\"", NULL},
    {SOURCE_MYSQL, "SELECT `a;` FROM t # the; end", "SELECT `a;` FROM t", NULL},
    {SOURCE_MYSQL, "SELECT 5--1 ;", "SELECT 5--1", NULL},
    {SOURCE_MYSQL, "SELECT 5 -- 1 ;", "SELECT 5", NULL},
    {SOURCE_MYSQL, "SELECT 5 --\x01'1 ;", "SELECT 5", NULL},
    {SOURCE_MYSQL, "SELECT 1 /* a /* b */ ;", "SELECT 1", NULL},
    {SOURCE_MYSQL, "SELECT 1 /*! FOR UPDATE */ ;", "SELECT 1 /*! FOR UPDATE */", NULL},
    {SOURCE_MYSQL, "SELECT 1 /*M! + 1 */ ;", "SELECT 1 /*M! + 1 */", NULL},
};

static void
cleans_or_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Arena arena = {0};
        Error err = ERROR_INIT;
        const char *clean = NULL;
        const QueryDialect *dialect = query_dialect(CASES[i].kind, CASES[i].kind == SOURCE_MYSQL);
        if (CASES[i].want != NULL) {
            assert_ok(query_clean(dialect, CASES[i].query, &arena, &clean, &err), &err);
            assert_string_equal(clean, CASES[i].want);
        } else {
            assert_error(query_clean(dialect, CASES[i].query, &arena, &clean, &err), &err,
                         ERR_CONFIG, CASES[i].error);
        }
        arena_release(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cleans_or_refuses)};

    return cmocka_run_group_tests_name("config/query_scan", tests, NULL, NULL);
}
