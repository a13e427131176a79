#include "../test.h"

#include <errno.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/buffer.h"
#include "util/clock.h"
#include "util/environment.h"
#include "util/error.h"
#include "util/file.h"
#include "util/random.h"
#include "util/secret.h"
#include "util/sink.h"

static void
test_first_error_stays(void **state)
{
    Error err = ERROR_INIT;
    char text[128];

    (void)state;
    assert_false(error_set(&err, ERR_VALUE, "value does not fit"));
    assert_false(error_set(&err, ERR_IO, "later trouble"));
    error_add_context(&err, "column=%s", "total");
    error_add_context(&err, "export=%s", "orders");
    error_format(&err, text, sizeof(text));
    assert_int_equal(err.code, ERR_VALUE);
    assert_string_equal(text, "export=orders column=total: value does not fit");
}

static void
test_cut_message_stays_utf8(void **state)
{
    Error err = ERROR_INIT;
    char long_text[2048];

    (void)state;
    for (size_t i = 0; i + 2 < sizeof(long_text); i += 2)
        memcpy(long_text + i, "ä", 2);
    long_text[sizeof(long_text) - 2] = '\0';
    error_set(&err, ERR_VALUE, "x%s", long_text);
    size_t length = strlen(err.message);
    assert_true(length < sizeof(err.message));
    assert_int_equal((length - 1) % 2, 0);
}

static void
test_exit_statuses(void **state)
{
    static const struct {
        ErrorCode code;
        int status;
        bool is_retryable;
    } CASES[] = {
        {ERR_NONE, 0, false},    {ERR_CONFIG, 1, false},        {ERR_USAGE, 2, false},
        {ERR_CHECK, 3, false},   {ERR_DRIFT, 4, false},         {ERR_UNAVAILABLE, 5, true},
        {ERR_TIMEOUT, 1, false}, {ERR_CONFLICT, 1, true},       {ERR_DENIED, 1, false},
        {ERR_LOCKED, 1, false},  {ERR_OUTPUT_CLOSED, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Error err = {.code = CASES[i].code};
        assert_int_equal(error_exit_status(&err), CASES[i].status);
        assert_int_equal(error_is_retryable(&err), CASES[i].is_retryable);
    }
}

static void
test_buffer_grows(void **state)
{
    Buffer buffer = {0};
    char want[4096] = "";

    (void)state;
    for (int i = 0; i < 300; i++) {
        buffer_append_format(&buffer, "%d,", i);
        size_t length = strlen(want);
        snprintf(want + length, sizeof(want) - length, "%d,", i);
    }
    assert_string_equal(buffer_text(&buffer), want);
    buffer_reset(&buffer);
    buffer_append_byte(&buffer, 'x');
    char *taken = buffer_take_text(&buffer);
    assert_string_equal(taken, "x");
    assert_null(buffer.data);
    free(taken);
}

static void
test_redaction(void **state)
{
    static const struct {
        const char *text, *want;
    } URLS[] = {
        {"postgresql://u:pass@host/db", "postgresql://u:***@host/db"},
        {"cannot reach postgresql://u:p@ss:w/o#r%d@host:5432/db now",
         "cannot reach postgresql://u:***@host:5432/db now"},
        {"two mysql://a:b@h/x, postgres://c:d@h/y", "two mysql://a:*@h/x, postgres://c:*@h/y"},
        {"postgresql://user@host/db", "postgresql://user@host/db"},
        {"postgresql://host:5432/db", "postgresql://host:5432/db"},
        {"http://example/?q=a@b", "http://example/?q=a@b"},
        {"no url at all", "no url at all"},
        {"x://u:é€@h", "x://u:***@h"},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(URLS); i++) {
        snprintf(text, sizeof(text), "%s", URLS[i].text);
        redact_urls(text);
        assert_string_equal(text, URLS[i].want);
    }
    snprintf(text, sizeof(text), "bad s3cret; again s3crets3cret");
    redact_secret(text, (Secret){"s3cret"});
    assert_string_equal(text, "bad ***; again ******");
    redact_secret(text, (Secret){NULL});
    snprintf(text, sizeof(text), "type \"int\": \"12\"x\" at 3");
    redact_quoted(text, '"');
    assert_string_equal(text, "type \"***\" at 3");
    snprintf(text, sizeof(text), "it's");
    redact_quoted(text, '\'');
    assert_string_equal(text, "it's");
    assert_string_equal(secret_display((Secret){"s3cret"}), "***");
}

static void
test_clock_texts(void **state)
{
    char text[CLOCK_TEXT_BYTES];
    const int64_t at_us = INT64_C(1767323045678901); /* 2026-01-02 03:04:05.678901 UTC */

    (void)state;
    clock_format_rfc3339(at_us, text);
    assert_string_equal(text, "2026-01-02T03:04:05.678901+00:00");
    clock_format_run_id(at_us, text);
    assert_string_equal(text, "20260102T030405.678");
    clock_format_stamp(at_us, text);
    assert_string_equal(text, "20260102_030405");
    clock_format_log(at_us, text);
    assert_string_equal(text, "2026-01-02T03:04:05Z");
}

static void
test_clock_reads_texts(void **state)
{
    static const struct {
        const char *text;
        int64_t at_us; /* -1: refused */
    } TEXTS[] = {
        {"2026-01-02T03:04:05.678901+00:00", INT64_C(1767323045678901)},
        {"2026-01-02T03:04:05Z", INT64_C(1767323045000000)},
        {"2026-01-02T03:04:05UTC", INT64_C(1767323045000000)},
        {"2026-01-02T05:04:05.5+0200", INT64_C(1767323045500000)},
        {"2026-01-01T21:34:05.123456789-05:30", INT64_C(1767323045123456)},
        {"2026-01-02T03:04:05", -1},
        {"2026-01-02T03:04:05Zulu", -1},
        {"2026-01-02T03:04:05+2:000", -1},
        {"2026-01-02T03:04:05+02-00", -1},
        {"2026-01-02T03:04:05+02:0", -1},
        {"2026-01-02T03:04:05+", -1},
        {"2026-01-02 03:04:05Z", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++) {
        int64_t at_us = -1;
        if (clock_parse_rfc3339(TEXTS[i].text, &at_us) != (TEXTS[i].at_us >= 0) ||
            at_us != TEXTS[i].at_us)
            fail_msg("%s: %" PRId64, TEXTS[i].text, at_us);
    }
}

static void
test_environment(void **state)
{
    (void)state;
    unsetenv("RIVET_TEST_VALUE");
    assert_null(environment_value("RIVET_TEST_VALUE"));
    setenv("RIVET_TEST_VALUE", "", 1);
    assert_null(environment_value("RIVET_TEST_VALUE"));
    setenv("RIVET_TEST_VALUE", "x", 1);
    assert_string_equal(environment_value("RIVET_TEST_VALUE"), "x");
    unsetenv("RIVET_TEST_VALUE");
    setenv("TMPDIR", "/var/tmp", 1);
    assert_string_equal(environment_temporary_directory(), "/var/tmp");
    setenv("TMPDIR", "", 1);
    assert_string_equal(environment_temporary_directory(), "/tmp");
    unsetenv("TMPDIR");
}

static void
test_file_read(void **state)
{
    char path[] = "/tmp/rivet_file_read_XXXXXX";
    int fd = mkstemp(path);
    Buffer text = {0};

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "abc", 3), 3);
    close(fd);
    buffer_append_text(&text, "x");
    assert_int_equal(file_read(path, 3, &text), 0);
    assert_string_equal(buffer_text(&text), "xabc");
    assert_int_equal(file_read(path, 2, &text), EFBIG);
    unlink(path);
    assert_int_equal(file_read(path, 3, &text), ENOENT);
    assert_int_equal(file_read("/tmp", 3, &text), EISDIR);
    buffer_release(&text);
}

static bool
take_three(void *receiver, const void *bytes, size_t size_bytes, Error *err)
{
    int *left = receiver;

    (void)bytes;
    (void)size_bytes;
    return (*left)-- > 0 || error_set(err, ERR_IO, "full");
}

static void
test_sink_counts_accepted_bytes(void **state)
{
    Sink sink;
    Error err = ERROR_INIT;
    int left = 3;

    (void)state;
    sink_init(&sink, take_three, &left);
    assert_true(sink_write(&sink, "ab", 2, &err));
    assert_true(sink_write(&sink, "c", 1, &err));
    assert_true(sink_write(&sink, "", 0, &err));
    assert_false(sink_write(&sink, "never", 5, &err));
    assert_int_equal(sink.size_bytes, 3);
    assert_true(sink_xxh3(&sink) == UINT64_C(0x78af5f94892f3950)); /* XXH3-64("abc") */
    sink_release(&sink);
}

static void
test_arena_and_random(void **state)
{
    Arena arena = {0};
    char one[33];
    char two[33];

    (void)state;
    char *text = arena_format(&arena, "%s-%d", "chunk", 7);
    char *large = arena_alloc(&arena, 100000);
    assert_int_equal(large[99999], 0);
    assert_string_equal(text, "chunk-7");
    arena_release(&arena);
    random_hex(one, 16);
    random_hex(two, 16);
    assert_int_equal(strlen(one), 32);
    assert_string_not_equal(one, two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_error_stays), cmocka_unit_test(test_cut_message_stays_utf8),
        cmocka_unit_test(test_exit_statuses),     cmocka_unit_test(test_buffer_grows),
        cmocka_unit_test(test_redaction),         cmocka_unit_test(test_clock_texts),
        cmocka_unit_test(test_clock_reads_texts), cmocka_unit_test(test_file_read),
        cmocka_unit_test(test_environment),       cmocka_unit_test(test_sink_counts_accepted_bytes),
        cmocka_unit_test(test_arena_and_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
