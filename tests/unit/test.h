/* test.h: what every cmocka program includes, in the order cmocka wants. */
#ifndef RIVET_TESTS_TEST_H
#define RIVET_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The call succeeded; otherwise the test fails with the error's own text. */
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s: %s", #call, (err)->context, (err)->message);                         \
    } while (0)

/* The call failed with this code and a message holding this text. */
#define assert_error(call, err, want_code, want_text)                                              \
    do {                                                                                           \
        if (call)                                                                                  \
            fail_msg("%s succeeded", #call);                                                       \
        if ((err)->code != (want_code))                                                            \
            fail_msg("%s: code %s, message %s", #call, error_name((err)->code), (err)->message);   \
        if (strstr((err)->message, (want_text)) == NULL &&                                         \
            strstr((err)->context, (want_text)) == NULL)                                           \
            fail_msg("\"%s\" lacks \"%s\"", (err)->message, (want_text));                          \
    } while (0)

#endif
