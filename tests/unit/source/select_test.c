#include "../test.h"

#include "source/select.h"

static const SelectDialect POSTGRES = {'"', true, true};
static const SelectDialect MYSQL = {'`', false, false};

static const ColumnSchema COLUMNS[] = {
    {.name = "id"}, {.name = "created_at"}, {.name = "Mixed \"Case\""}, {.name = "Upper"}};
static const Schema SCHEMA = {COLUMNS, ARRAY_LENGTH(COLUMNS)};

static bool
write_bound(void *context, size_t column, const char *text, Buffer *out, Error *err)
{
    (void)context;
    (void)err;
    buffer_append_format(out, "<%zu:%s>", column, text);
    return true;
}

static const char *const ONE[] = {"id"};
static const char *const TWO[] = {"created_at", "id"};
static const char *const LOW[] = {"1", "2"};
static const char *const HIGH[] = {"8", "9"};

static const struct {
    const char *name;
    const SelectDialect *dialect;
    const char *items;
    ReadRange range;
    const char *want;
} CASES[] = {
    {"whole query", &POSTGRES, NULL, {0}, "SELECT q"},
    {"casts", &POSTGRES, "a, b", {0}, "SELECT a, b FROM (SELECT q\n) AS _rivet"},
    {"between",
     &POSTGRES,
     NULL,
     {.columns = ONE,
      .column_count = 1,
      .lower_kind = BOUND_INCLUSIVE,
      .lower = LOW,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = HIGH},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE _rivet.\"id\" >= <0:1> AND _rivet.\"id\" <= "
     "<0:8>"},
    {"walk, ordered",
     &POSTGRES,
     "x",
     {.columns = ONE,
      .column_count = 1,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = LOW,
      .is_ordered = true},
     "SELECT x FROM (SELECT q\n) AS _rivet WHERE _rivet.\"id\" > <0:1> ORDER BY _rivet.\"id\""},
    {"open on both sides",
     &POSTGRES,
     NULL,
     {.columns = ONE, .column_count = 1, .is_ordered = true},
     "SELECT * FROM (SELECT q\n) AS _rivet ORDER BY _rivet.\"id\""},
    {"NULL keys",
     &POSTGRES,
     NULL,
     {.columns = ONE, .column_count = 1, .is_null = true},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE _rivet.\"id\" IS NULL"},
    {"row values",
     &POSTGRES,
     NULL,
     {.columns = TWO,
      .column_count = 2,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = LOW,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = HIGH,
      .is_ordered = true},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE (_rivet.\"created_at\", _rivet.\"id\") > (<1:1>, "
     "<0:2>) AND "
     "(_rivet.\"created_at\", _rivet.\"id\") <= (<1:8>, <0:9>) AND _rivet.\"id\" IS NOT NULL ORDER "
     "BY _rivet.\"created_at\", _rivet.\"id\""},
    {"NULLs in any of several keys",
     &POSTGRES,
     NULL,
     {.columns = TWO, .column_count = 2, .is_null = true},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE _rivet.\"created_at\" IS NULL OR _rivet.\"id\" IS "
     "NULL"},
    {"several keys, NULLs besides the bounds",
     &POSTGRES,
     NULL,
     {.columns = TWO,
      .column_count = 2,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = HIGH,
      .includes_null = true},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE (_rivet.\"created_at\", _rivet.\"id\") <= (<1:8>, "
     "<0:9>) AND _rivet.\"id\" IS NOT NULL OR _rivet.\"created_at\" IS NULL OR _rivet.\"id\" IS "
     "NULL"},
    {"NULLs besides the bounds",
     &POSTGRES,
     NULL,
     {.columns = ONE,
      .column_count = 1,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = LOW,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = HIGH,
      .includes_null = true},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE _rivet.\"id\" > <0:1> AND _rivet.\"id\" <= <0:8> "
     "OR _rivet.\"id\" IS "
     "NULL"},
    {"a bound on the leading column",
     &POSTGRES,
     NULL,
     {.columns = TWO,
      .column_count = 2,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = LOW,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = HIGH,
      .upper_count = 1},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE (_rivet.\"created_at\", _rivet.\"id\") > (<1:1>, "
     "<0:2>) AND "
     "_rivet.\"created_at\" <= <1:8> AND _rivet.\"id\" IS NOT NULL"},
    {"spelled out, lower",
     &MYSQL,
     NULL,
     {.columns = TWO, .column_count = 2, .lower_kind = BOUND_EXCLUSIVE, .lower = LOW},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE _rivet.`created_at` >= <1:1> AND "
     "(_rivet.`created_at` > <1:1> "
     "OR (_rivet.`created_at` = <1:1> AND _rivet.`id` > <0:2>)) AND _rivet.`id` IS NOT NULL"},
    {"spelled out, upper",
     &MYSQL,
     NULL,
     {.columns = TWO, .column_count = 2, .upper_kind = BOUND_INCLUSIVE, .upper = HIGH},
     "SELECT * FROM (SELECT q\n) AS _rivet WHERE _rivet.`created_at` <= <1:8> AND "
     "(_rivet.`created_at` < <1:8> "
     "OR (_rivet.`created_at` = <1:8> AND _rivet.`id` <= <0:9>)) AND _rivet.`id` IS NOT NULL"},
};

static void
builds_statements(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const ReadRange *range = &CASES[i].range;
        Error err = ERROR_INIT;
        Buffer sql = {0};
        size_t keys[2] = {0};
        for (size_t key = 0; key < range->column_count; key++)
            assert_ok(select_find_column(CASES[i].dialect, &SCHEMA, range->columns[key], &keys[key],
                                         &err),
                      &err);
        const Select select = {
            .dialect = CASES[i].dialect,
            .query = "SELECT q",
            .items = CASES[i].items,
            .range = range,
            .key_index = keys,
            .schema = &SCHEMA,
            .write_bound = write_bound,
        };
        assert_ok(select_build(&select, &sql, &err), &err);
        assert_string_equal(buffer_text(&sql), CASES[i].want);
        buffer_release(&sql);
    }
}

static const struct {
    const SelectDialect *dialect;
    const char *written;
    size_t want; /* column count: none */
} NAMES[] = {
    {&POSTGRES, "id", 0},
    {&POSTGRES, "ID", 0},
    {&POSTGRES, "\"id\"", 0},
    {&POSTGRES, "\"ID\"", 4},
    {&POSTGRES, "Upper", 3},
    {&POSTGRES, "upper", 4},
    {&POSTGRES, "\"Upper\"", 3},
    {&POSTGRES, "Created_At", 1},
    {&POSTGRES, "\"Mixed \"\"Case\"\"\"", 2},
    {&POSTGRES, "nope", 4},
    {&MYSQL, "`id`", 0},
    {&MYSQL, "ID", 4},
};

static void
finds_columns_as_the_server_would(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
        Error err = ERROR_INIT;
        size_t index = 99;
        bool ok = select_find_column(NAMES[i].dialect, &SCHEMA, NAMES[i].written, &index, &err);
        assert_int_equal(index, NAMES[i].want);
        assert_int_equal(ok, NAMES[i].want < SCHEMA.column_count);
        assert_int_equal(err.code, ok ? ERR_NONE : ERR_CONFIG);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_statements),
        cmocka_unit_test(finds_columns_as_the_server_would),
    };

    return cmocka_run_group_tests_name("source/select", tests, NULL, NULL);
}
