#include "../test.h"

#include "preflight/doctor.h"

/* Every word of spec cli §7, in the case of a server or not, and the order of the rules. */
static const struct {
    const char *message, *want;
} SOURCE_CASES[] = {
    {"FATAL: Password authentication failed", "auth error"},
    {"no pg_hba.conf entry: authentication", "auth error"},
    {"Access denied for user 'x'", "auth error"},
    {"cannot connect: password authentication failed", "auth error"},
    {"could not Connect to server", "connectivity error"},
    {"Connection refused", "connectivity error"},
    {"the attempt timed out", "connectivity error"},
    {"could not translate host name", "connectivity error"},
    {"Name or service not known", "connectivity error"},
    {"database is starting up", "error"},
    {"", "error"},
};

static void
test_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(SOURCE_CASES); i++)
        assert_string_equal(doctor_source_category(SOURCE_CASES[i].message), SOURCE_CASES[i].want);
}

static const struct {
    const char *message, *want_bucket, *want_local;
} DESTINATION_CASES[] = {
    {"no Credentials", "auth error", "auth error"},
    {"Permission denied", "auth error", "auth error"},
    {"Access Denied", "auth error", "auth error"},
    {"401 Unauthorized", "auth error", "auth error"},
    {"403 Forbidden", "auth error", "auth error"},
    {"invalid_grant", "auth error", "auth error"},
    {"expired token", "auth error", "auth error"},
    {"token endpoint not found", "auth error", "auth error"},
    {"bucket Not Found", "bucket not found", "path not found"},
    {"NoSuchBucket", "bucket not found", "path not found"},
    {"HTTP 404", "bucket not found", "path not found"},
    {"404: cannot connect", "bucket not found", "path not found"},
    {"cannot connect", "connectivity error", "connectivity error"},
    {"connection Refused", "connectivity error", "connectivity error"},
    {"Timed out", "connectivity error", "connectivity error"},
    {"DNS failure", "connectivity error", "connectivity error"},
    {"bad Endpoint", "connectivity error", "connectivity error"},
    {"No space left on device", "error", "error"},
};

static void
test_destination(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(DESTINATION_CASES); i++) {
        const char *message = DESTINATION_CASES[i].message;
        assert_string_equal(doctor_destination_category(DESTINATION_S3, message),
                            DESTINATION_CASES[i].want_bucket);
        assert_string_equal(doctor_destination_category(DESTINATION_GCS, message),
                            DESTINATION_CASES[i].want_bucket);
        assert_string_equal(doctor_destination_category(DESTINATION_LOCAL, message),
                            DESTINATION_CASES[i].want_local);
    }
}

static const struct {
    ErrorCode code;
    const char *category, *hint, *want;
} REMEDY_CASES[] = {
    {ERR_IO, "auth error", "do this", "do this"},
    {ERR_DENIED, "auth error", NULL, "user and password"},
    {ERR_IO, "auth error", NULL, "credentials"},
    {ERR_IO, "bucket not found", NULL, "name of the bucket"},
    {ERR_IO, "path not found", NULL, "path"},
    {ERR_UNAVAILABLE, "connectivity error", NULL, "host, port"},
    {ERR_CONFIG, "error", NULL, "configuration"},
    {ERR_CONFIG, NULL, NULL, "configuration"},
    {ERR_UNSUPPORTED, "error", NULL, "another kind"},
    {ERR_IO, "error", NULL, "free space"},
    {ERR_STATE, NULL, NULL, "RIVET_LOG"},
};

static void
test_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(REMEDY_CASES); i++) {
        Error err = {.code = REMEDY_CASES[i].code, .hint = REMEDY_CASES[i].hint};
        const char *got = doctor_remedy(&err, REMEDY_CASES[i].category);
        if (strstr(got, REMEDY_CASES[i].want) == NULL)
            fail_msg("row %zu: %s", i, got);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_destination),
        cmocka_unit_test(test_remedy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
