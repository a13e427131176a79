#include "../test.h"

#include "config/duration.h"
#include "config/nearest.h"
#include "config/override.h"
#include "config/scalar.h"
#include "config/size.h"

static const struct {
    const char *text;
    uint64_t want; /* 0: invalid */
} SIZE_CASES[] = {
    {"1", 1},
    {"1048576", 1048576},
    {"7B", 7},
    {"10KB", 10240},
    {"256MB", UINT64_C(256) << 20},
    {"1GB", UINT64_C(1) << 30},
    {"1gb", UINT64_C(1) << 30},
    {"1Gb", UINT64_C(1) << 30},
    {"1.5GB", 1610612736},
    {"0.5MB", 524288},
    {".5MB", 524288},
    {"1.MB", 1048576},
    {"1.9B", 1},
    {"  20 KB  ", 20480},
    {"2\tMB", 2097152},
    {"8589934591GB", 0x7FFFFFFFC0000000},
    {"8589934592GB", 0},
    {"99999999999999999999GB", 0},
    {"0", 0},
    {"0.4B", 0},
    {"0.0MB", 0},
    {"-1MB", 0},
    {"+1MB", 0},
    {"MB", 0},
    {"", 0},
    {" ", 0},
    {".", 0},
    {".MB", 0},
    {"abc", 0},
    {"10K", 0},
    {"10M", 0},
    {"5GiB", 0},
    {"5GBs", 0},
    {"5 G B", 0},
    {"1e3", 0},
    {"1,5MB", 0},
    {"inf", 0},
    {"nan", 0},
    {"0x10", 0},
    {"5BB", 0},
    {"5KBB", 0},
};

static void
test_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(SIZE_CASES); i++) {
        uint64_t got = 0;
        bool ok = size_parse(SIZE_CASES[i].text, &got);
        if (ok != (SIZE_CASES[i].want != 0) || got != SIZE_CASES[i].want)
            fail_msg("\"%s\": %s %" PRIu64, SIZE_CASES[i].text, ok ? "taken" : "refused", got);
    }
}

static const struct {
    const char *text;
    int64_t want; /* -1: invalid */
} DURATION_CASES[] = {
    {"5s", 5000000},
    {"0s", 0},
    {"250ms", 250000},
    {"10m", INT64_C(600000000)},
    {"2h", INT64_C(7200000000)},
    {"1d", INT64_C(86400000000)},
    {" 5 s ", 5000000},
    {"3652500d", INT64_C(3652500) * 86400000000},
    {"3652501d", -1},
    {"999999999999999h", -1},
    {"9999999999999999s", -1},
    {"5", -1},
    {"s", -1},
    {"", -1},
    {"-5s", -1},
    {"1.5s", -1},
    {"5sec", -1},
    {"5S", -1},
    {"5s x", -1},
    {"5us", -1},
};

static void
test_duration(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(DURATION_CASES); i++) {
        int64_t got = -1;
        bool ok = duration_parse(DURATION_CASES[i].text, &got);
        if (ok != (DURATION_CASES[i].want >= 0) || got != DURATION_CASES[i].want)
            fail_msg("\"%s\": %s %" PRId64, DURATION_CASES[i].text, ok ? "taken" : "refused", got);
    }
}

static const struct {
    const char *text;
    bool is_valid;
    OverrideKind kind;
    uint8_t precision, scale;
} OVERRIDE_CASES[] = {
    {"bool", true, OVERRIDE_BOOL, 0, 0},
    {"int16", true, OVERRIDE_INT16, 0, 0},
    {"int32", true, OVERRIDE_INT32, 0, 0},
    {"int64", true, OVERRIDE_INT64, 0, 0},
    {"uint64", true, OVERRIDE_UINT64, 0, 0},
    {"float", true, OVERRIDE_FLOAT, 0, 0},
    {"double", true, OVERRIDE_DOUBLE, 0, 0},
    {"text", true, OVERRIDE_TEXT, 0, 0},
    {"binary", true, OVERRIDE_BINARY, 0, 0},
    {"date", true, OVERRIDE_DATE, 0, 0},
    {"time", true, OVERRIDE_TIME, 0, 0},
    {"timestamp", true, OVERRIDE_TIMESTAMP, 0, 0},
    {"timestamptz", true, OVERRIDE_TIMESTAMPTZ, 0, 0},
    {"json", true, OVERRIDE_JSON, 0, 0},
    {"uuid", true, OVERRIDE_UUID, 0, 0},
    {"duration_us", true, OVERRIDE_DURATION_US, 0, 0},
    {"decimal(10,2)", true, OVERRIDE_DECIMAL, 10, 2},
    {"decimal(38,38)", true, OVERRIDE_DECIMAL, 38, 38},
    {"decimal(1,0)", true, OVERRIDE_DECIMAL, 1, 0},
    {"decimal ( 20 , 0 )", true, OVERRIDE_DECIMAL, 20, 0},
    {"decimal(39,0)", false, 0, 0, 0},
    {"decimal(0,0)", false, 0, 0, 0},
    {"decimal(5,6)", false, 0, 0, 0},
    {"decimal(10)", false, 0, 0, 0},
    {"decimal", false, 0, 0, 0},
    {"decimal(10,-2)", false, 0, 0, 0},
    {"decimal(10,2", false, 0, 0, 0},
    {"decimal(10,2)x", false, 0, 0, 0},
    {"decimal(100,2)", false, 0, 0, 0},
    {"decimals", false, 0, 0, 0},
    {"DATE", false, 0, 0, 0},
    {"int8", false, 0, 0, 0},
    {"", false, 0, 0, 0},
};

static void
test_override(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(OVERRIDE_CASES); i++) {
        ColumnOverride got = {0};
        const char *reason = NULL;
        bool ok = override_parse(OVERRIDE_CASES[i].text, &got, &reason);
        if (ok != OVERRIDE_CASES[i].is_valid || (!ok && reason == NULL))
            fail_msg("\"%s\" was %s", OVERRIDE_CASES[i].text, ok ? "taken" : "refused");
        if (ok &&
            (got.kind != OVERRIDE_CASES[i].kind || got.precision != OVERRIDE_CASES[i].precision ||
             got.scale != OVERRIDE_CASES[i].scale))
            fail_msg("\"%s\": %d(%u,%u)", OVERRIDE_CASES[i].text, got.kind, got.precision,
                     got.scale);
    }
}

static const struct {
    const char *text;
    bool is_plain;
    const char *kind; /* of scalar_kind_name */
} KIND_CASES[] = {
    {"true", true, "a boolean"}, {"false", true, "a boolean"}, {"true", false, "text"},
    {"on", true, "text"},        {"off", true, "text"},        {"yes", true, "text"},
    {"no", true, "text"},        {"y", true, "text"},          {"tRUE", true, "text"},
    {"", true, "nothing"},       {"~", true, "nothing"},       {"null", true, "nothing"},
    {"Null", true, "nothing"},   {"", false, "text"},          {"nUll", true, "text"},
    {"0", true, "a number"},     {"-7", true, "a number"},     {"+7", true, "a number"},
    {"007", true, "a number"},   {"0x1F", true, "a number"},   {"0o17", true, "a number"},
    {"1.5", true, "a number"},   {".5", true, "a number"},     {"1e3", true, "a number"},
    {"1.5", false, "text"},      {"1_000", true, "text"},      {"1.2.3", true, "text"},
    {"0b1", true, "text"},       {"0xg", true, "text"},        {"--1", true, "text"},
    {"1e", true, "text"},        {".", true, "text"},          {"12:30", true, "text"},
};

static void
test_scalar_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(KIND_CASES); i++) {
        Node node = {
            .kind = NODE_SCALAR, .is_plain = KIND_CASES[i].is_plain, .text = KIND_CASES[i].text};
        if (strcmp(scalar_kind_name(&node), KIND_CASES[i].kind) != 0)
            fail_msg("\"%s\" is %s", KIND_CASES[i].text, scalar_kind_name(&node));
    }
}

static const struct {
    const char *text;
    NumberResult result;
    int64_t want;
} INT_CASES[] = {
    {"9223372036854775807", NUMBER_OK, INT64_MAX},
    {"-9223372036854775808", NUMBER_OK, INT64_MIN},
    {"9223372036854775808", NUMBER_OUT_OF_RANGE, 0},
    {"0x1F", NUMBER_OK, 31},
    {"0o17", NUMBER_OK, 15},
    {"017", NUMBER_OK, 17},
    {"1.0", NUMBER_NONE, 0},
    {"1e3", NUMBER_NONE, 0},
    {"", NUMBER_NONE, 0},
};

static void
test_scalar_int(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(INT_CASES); i++) {
        Node node = {.kind = NODE_SCALAR, .is_plain = true, .text = INT_CASES[i].text};
        int64_t got = 0;
        assert_int_equal(scalar_to_int(&node, &got), INT_CASES[i].result);
        assert_true(got == INT_CASES[i].want);
    }
}

static const struct {
    const char *text;
    const char *want; /* NULL: nothing near enough */
} NEAREST_CASES[] = {
    {"batchsize", "batch_size"},
    {"batch_siez", "batch_size"},
    {"bacth_size", "batch_size"},
    {"batch_sizes", "batch_size"},
    {"mdoe", "mode"},
    {"mod", "mode"},
    {"mdoex", NULL},
    {"modes", "mode"},
    {"x", NULL},
    {"run_id", NULL},
    {"completely_different", NULL},
    {"", NULL},
};

static void
test_nearest(void **state)
{
    static const char *const NAMES[] = {"mode", "batch_size", "batch_size_memory_mb", "format"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(NEAREST_CASES); i++) {
        Nearest nearest = NEAREST_INIT(NEAREST_CASES[i].text);
        for (size_t j = 0; j < ARRAY_LENGTH(NAMES); j++)
            nearest_offer(&nearest, NAMES[j]);
        if (NEAREST_CASES[i].want == NULL
                ? nearest.best != NULL
                : nearest.best == NULL || strcmp(nearest.best, NEAREST_CASES[i].want) != 0)
            fail_msg("\"%s\" is near \"%s\"", NEAREST_CASES[i].text,
                     nearest.best == NULL ? "nothing" : nearest.best);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),       cmocka_unit_test(test_duration),
        cmocka_unit_test(test_override),   cmocka_unit_test(test_scalar_kind),
        cmocka_unit_test(test_scalar_int), cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
