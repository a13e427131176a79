#include "../test.h"

#include "source/retry_class.h"

/* spec: behaviour §19 */
static const struct {
    const char *sqlstate;
    ErrorCode code;
    bool is_retried, needs_reconnect;
    int extra_ms;
} SQLSTATES[] = {
    {"08006", ERR_UNAVAILABLE, true, true, 0},     {"08001", ERR_UNAVAILABLE, true, true, 0},
    {"57P01", ERR_UNAVAILABLE, true, true, 15000}, {"57P02", ERR_UNAVAILABLE, true, true, 15000},
    {"57P03", ERR_UNAVAILABLE, true, true, 15000}, {"53300", ERR_UNAVAILABLE, true, true, 15000},
    {"40001", ERR_CONFLICT, true, false, 1000},    {"40P01", ERR_CONFLICT, true, false, 1000},
    {"57014", ERR_TIMEOUT, false, false, 0},       {"53100", ERR_UNAVAILABLE, true, false, 5000},
    {"53200", ERR_UNAVAILABLE, true, false, 5000}, {"28P01", ERR_DENIED, false, false, 0},
    {"28000", ERR_DENIED, false, false, 0},        {"42501", ERR_DENIED, false, false, 0},
    {"42P01", ERR_QUERY, false, false, 0},         {"42601", ERR_QUERY, false, false, 0},
    {"22012", ERR_QUERY, false, false, 0},         {"55P03", ERR_CONFLICT, true, false, 0},
    {"3D000", ERR_CONFIG, false, false, 0},        {"XX000", ERR_QUERY, false, false, 0},
    {"", ERR_UNAVAILABLE, true, true, 0},          {NULL, ERR_UNAVAILABLE, true, true, 0},
};

static void
assert_class(RetryClass class, ErrorCode code, bool is_retried, bool needs_reconnect, int extra_ms)
{
    Error err = ERROR_INIT;

    assert_false(retry_class_error(&err, class, "%s", "because"));
    assert_string_equal(err.message, "because");
    assert_int_equal(err.code, code);
    assert_int_equal(error_is_retryable(&err), is_retried);
    assert_int_equal(err.needs_reconnect, needs_reconnect);
    assert_int_equal(err.retry_extra_ms, extra_ms);
}

static void
classifies_sqlstates(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(SQLSTATES); i++)
        assert_class(retry_class_sqlstate(SQLSTATES[i].sqlstate), SQLSTATES[i].code,
                     SQLSTATES[i].is_retried, SQLSTATES[i].needs_reconnect, SQLSTATES[i].extra_ms);
}

static const struct {
    unsigned number;
    const char *message;
    bool is_retried, needs_reconnect;
    int extra_ms;
} MYSQL_NUMBERS[] = {
    {1213, "Deadlock found", true, false, 1000},
    {1203, "User rivet already has more than 'max_user_connections'", true, true, 15000},
    {1161, "Got timeout writing communication packets", true, true, 0},
    {1927, "Connection was killed", true, true, 0},
    {4031, "The client was disconnected by the server because of inactivity", true, true, 0},
    {1317, "Query execution was interrupted", false, false, 0},
    {1205, "Lock wait timeout exceeded", true, false, 0},
    {1040, "Too many connections", true, true, 15000},
    {1053, "Server shutdown in progress", true, true, 15000},
    {1044, "Access denied", false, false, 0},
    {1045, "Access denied", false, false, 0},
    {1049, "Unknown database", false, false, 0},
    {1064, "You have an error in your SQL syntax", false, false, 0},
    {1146, "Table doesn't exist", false, false, 0},
    {2013, "Lost connection to MySQL server during query", true, true, 0},
    {2006, "MySQL server has gone away", true, true, 0},
    {3024, "Query execution was interrupted, maximum statement execution time exceeded", false,
     false, 0},
    {9999, "Got an error reading communication packets", true, true, 0},
    {9999, "no idea", false, false, 0},
};

static void
classifies_mysql_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(MYSQL_NUMBERS); i++) {
        RetryClass class = retry_class_mysql(MYSQL_NUMBERS[i].number, MYSQL_NUMBERS[i].message);
        assert_class(class, class.code, MYSQL_NUMBERS[i].is_retried,
                     MYSQL_NUMBERS[i].needs_reconnect, MYSQL_NUMBERS[i].extra_ms);
    }
}

static const struct {
    const char *message;
    ErrorCode code;
    bool is_retried, needs_reconnect;
    int extra_ms;
} TEXTS[] = {
    {"Permission Denied: connection reset", ERR_DENIED, false, false, 0},
    {"Connection refused", ERR_UNAVAILABLE, true, true, 0},
    {"server CLOSED the connection unexpectedly", ERR_UNAVAILABLE, true, true, 0},
    {"DNS lookup failed", ERR_UNAVAILABLE, true, true, 0},
    {"operation timed out", ERR_UNAVAILABLE, true, false, 0},
    {"canceling statement due to lock", ERR_CONFLICT, true, false, 0},
    {"the database system is starting up", ERR_UNAVAILABLE, true, true, 15000},
    {"deadlock detected", ERR_CONFLICT, true, false, 1000},
    {"could not serialize access", ERR_CONFLICT, true, false, 1000},
    {"Name or service not known", ERR_QUERY, false, false, 0},
};

static void
classifies_texts_by_the_first_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++)
        assert_class(retry_class_text(TEXTS[i].message), TEXTS[i].code, TEXTS[i].is_retried,
                     TEXTS[i].needs_reconnect, TEXTS[i].extra_ms);
}

static void
keeps_the_first_error(void **state)
{
    Error err = ERROR_INIT;

    (void)state;
    error_set(&err, ERR_VALUE, "first");
    retry_class_error(&err, retry_class_sqlstate("57P01"), "second");
    assert_int_equal(err.code, ERR_VALUE);
    assert_false(err.needs_reconnect);
}

static void
a_timeout_says_what_to_turn(void **state)
{
    Error timeout = ERROR_INIT;
    Error refused = ERROR_INIT;

    (void)state;
    retry_class_error(&timeout, retry_class_sqlstate("57014"), "late");
    assert_non_null(strstr(timeout.hint, "statement_timeout_s"));
    retry_class_error(&refused, retry_class_sqlstate("42P01"), "gone");
    assert_null(refused.hint);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classifies_sqlstates),
        cmocka_unit_test(classifies_mysql_numbers),
        cmocka_unit_test(classifies_texts_by_the_first_rule),
        cmocka_unit_test(keeps_the_first_error),
        cmocka_unit_test(a_timeout_says_what_to_turn),
    };

    return cmocka_run_group_tests_name("source/retry_class", tests, NULL, NULL);
}
