#include "../test.h"

#include "pipeline/exchange.h"

enum { WORKERS = 4, CALLS = 500 };

typedef struct Total {
    pthread_t main_thread;
    int64_t sum;
} Total;

typedef struct Caller {
    Exchange *exchange;
    int number;
    bool is_ok;
} Caller;

static bool
add(void *subject, void *argument, Error *err)
{
    Total *total = subject;
    int *value = argument;

    if (!pthread_equal(pthread_self(), total->main_thread))
        return error_set(err, ERR_INTERNAL, "not on the main thread");
    if (*value < 0)
        return error_set(err, ERR_VALUE, "negative");
    total->sum += *value;
    return true;
}

static void *
call_often(void *argument)
{
    Caller *caller = argument;
    Error err = ERROR_INIT;
    int refused = -1;

    caller->is_ok = true;
    for (int i = 0; i < CALLS; i++) {
        int value = i;
        caller->is_ok = caller->is_ok && exchange_call(caller->exchange, add, &value, &err);
    }
    caller->is_ok = caller->is_ok && !exchange_call(caller->exchange, add, &refused, &err) &&
                    err.code == ERR_VALUE;
    exchange_leave(caller->exchange);
    return NULL;
}

static void
test_every_call_runs_once_on_the_main_thread(void **state)
{
    Exchange exchange;
    Total total = {.main_thread = pthread_self()};
    Caller callers[WORKERS];
    pthread_t threads[WORKERS];

    (void)state;
    exchange_init(&exchange, WORKERS);
    for (int i = 0; i < WORKERS; i++) {
        callers[i] = (Caller){.exchange = &exchange, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
    }
    while (exchange_serve(&exchange, &total, 5))
        ;
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(callers[i].is_ok);
    }
    assert_true(total.sum == (int64_t)WORKERS * CALLS * (CALLS - 1) / 2);
    exchange_release(&exchange);
}

static void
test_serve_comes_back_when_nobody_calls(void **state)
{
    Exchange exchange;

    (void)state;
    exchange_init(&exchange, 1);
    assert_true(exchange_serve(&exchange, NULL, 1));
    exchange_leave(&exchange);
    assert_false(exchange_serve(&exchange, NULL, 1));
    exchange_release(&exchange);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_call_runs_once_on_the_main_thread),
        cmocka_unit_test(test_serve_comes_back_when_nobody_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
