#include "../../test.h"

#include "source/postgres/explain.h"

static const struct {
    const char *name;
    const char *lines[6];
    int64_t rows; /* -1: none */
    const char *scan;
    bool index;
} CASES[] = {
    {"sequential",
     {"Seq Scan on users  (cost=0.00..50.00 rows=2000 width=85)", "  Filter: (note ~ 'Scan')"},
     2000,
     "Seq Scan on users  (cost=0.00..50.00 rows=2000 width=85)",
     false},
    {"sorted",
     {"Sort  (cost=10.00..12.00 rows=20160 width=74)", "  Sort Key: orders.updated_at",
      "  ->  Seq Scan on orders  (cost=0.00..460.61 rows=20161 width=74)"},
     20160,
     "Seq Scan on orders  (cost=0.00..460.61 rows=20161 width=74)",
     false},
    {"index",
     {"Index Scan using users_pkey on users  (cost=0.28..11.03 rows=100 width=45)",
      "  Index Cond: (id <= 100)"},
     100,
     "Index Scan using users_pkey on users  (cost=0.28..11.03 rows=100 width=45)",
     true},
    {"index only, deeper",
     {"Aggregate  (cost=1.00..2.00 rows=1 width=8)",
      "  ->  Index Only Scan using k on t  (cost=0.28..1.03 rows=7 width=4)"},
     1,
     "Index Only Scan using k on t  (cost=0.28..1.03 rows=7 width=4)",
     true},
    {"bitmap",
     {"Bitmap Heap Scan on t  (cost=4.00..9.00 rows=3 width=4)",
      "  ->  Bitmap Index Scan on k  (cost=0.00..4.00 rows=3 width=0)"},
     3,
     "Bitmap Heap Scan on t  (cost=4.00..9.00 rows=3 width=4)",
     true},
    {"our own wrapper is no scan",
     {"Subquery Scan on _rivet  (cost=0.00..9.00 rows=10 width=4)",
      "  ->  Limit  (cost=0.00..8.00 rows=10 width=4)",
      "        ->  Seq Scan on t  (cost=0.00..80.00 rows=100 width=4)"},
     10,
     "Seq Scan on t  (cost=0.00..80.00 rows=100 width=4)",
     false},
    {"no scan at all",
     {"Result  (cost=0.00..0.01 rows=1 width=4)"},
     1,
     "Result  (cost=0.00..0.01 rows=1 width=4)",
     false},
    {"an index named in a filter",
     {"Seq Scan on t  (cost=0.00..1.00 rows=5 width=4)", "  Filter: (x = 'Index Scan rows=9')"},
     5,
     "Seq Scan on t  (cost=0.00..1.00 rows=5 width=4)",
     false},
    {"nothing", {NULL}, -1, NULL, false},
};

static void
test_plans(void **state)
{
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        QueryFacts facts = {0};
        for (size_t j = 0; CASES[i].lines[j] != NULL; j++)
            pg_explain_take_line(CASES[i].lines[j], &arena, &facts);
        int64_t rows = facts.row_estimate.is_set ? facts.row_estimate.value : -1;
        bool same_scan = CASES[i].scan == NULL ? facts.scan_text == NULL
                                               : facts.scan_text != NULL &&
                                                     strcmp(facts.scan_text, CASES[i].scan) == 0;
        if (rows != CASES[i].rows || !same_scan || facts.uses_index != CASES[i].index)
            fail_msg("%s: rows %d, index %d, %s", CASES[i].name, (int)rows, facts.uses_index,
                     facts.scan_text);
    }
    arena_release(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
