/* Which queries are one table that a condition on its key can be put into. */
#include "../../test.h"

#include "source/mysql/page_query.h"

static const struct {
    const char *query;
    bool has_pages;
} CASES[] = {
    {"SELECT * FROM t", true},
    {"select a, b+1 as c, concat('x,y', d) from db.t", true},
    {"SELECT `a` FROM `order` AS o WHERE o.`limit` > 5", true},
    {"SELECT a FROM t x WHERE a IN (SELECT b FROM u ORDER BY b LIMIT 3)", true},
    {"SELECT a -- FROM u ORDER BY\n FROM /* JOIN */ t # LIMIT 1", true},
    {"SELECT 'FROM x JOIN y', \"LIMIT\" FROM t", true},
    {"SELECT COUNT(*) FROM t", true},
    {"SELECT /*! SQL_NO_CACHE */ a FROM t", false},
    {"SELECT /*M! 1 */ a FROM t", false},
    {"SELECT SQL_BIG_RESULT a FROM t", false},
    {"SELECT 1", false},
    {"SELECT a FROM t, u", false},
    {"SELECT a FROM t JOIN u ON 1", false},
    {"SELECT a FROM t LEFT JOIN u ON 1", false},
    {"SELECT a FROM t NATURAL JOIN u", false},
    {"SELECT a FROM (SELECT 1 AS a) x", false},
    {"SELECT a FROM t PARTITION (p0)", false},
    {"SELECT a FROM t USE INDEX (i)", false},
    {"SELECT a FROM t TABLESAMPLE", true},
    {"SELECT DISTINCT a FROM t", false},
    {"SELECT a FROM t GROUP BY a", false},
    {"SELECT a FROM t WHERE b HAVING c", false},
    {"SELECT a FROM t ORDER BY a", false},
    {"SELECT a FROM t LIMIT 5", false},
    {"SELECT a FROM t WHERE a > 1 LIMIT 5", false},
    {"SELECT a FROM t UNION SELECT a FROM u", false},
    {"(SELECT a FROM t)", false},
    {"SELECT a FROM t FOR UPDATE", false},
    {"SELECT a FROM t WHERE a = @x", false},
    {"SELECT @@version, a FROM t", false},
    {"SELECT (SELECT 1) AS x, a FROM t", false},
    {"SELECT SUM(a) OVER () FROM t", false},
    {"SELECT a INTO @x FROM t", false},
    {"WITH t AS (SELECT 1) SELECT * FROM t", false},
    {"TABLE t", false},
    {"SHOW TABLES", false},
    {"SELECT a FROM", false},
    {"SELECT a FROM t AS", false},
    {"SELECT", false},
    {"", false},
};

static void
test_queries(void **state)
{
    static const QueryDialect DIALECT = {
        .has_executable_comments = true,
        .has_hash_comments = true,
        .has_backticks = true,
        .needs_blank_after_dashes = true,
        .has_backslash_escapes = true,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        if (my_query_has_pages(&DIALECT, CASES[i].query) != CASES[i].has_pages)
            fail_msg("%s", CASES[i].query);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_queries)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
