#include "util/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "util/clock.h"

static atomic_int received;
static _Atomic int64_t received_ms; /* set before received */

static void
remember(int number)
{
    int none = 0;
    int64_t never = 0;

    atomic_compare_exchange_strong(&received_ms, &never, clock_monotonic_ms());
    atomic_compare_exchange_strong(&received, &none, number);
}

void
interrupt_install(void)
{
    /* No SA_RESTART: a blocked call in the main thread should come back. */
    struct sigaction action = {.sa_handler = remember};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL); /* a closed pipe is an EPIPE where it is written */
    sigaction(SIGXFSZ, &action, NULL); /* likewise a file-size limit: EFBIG */
}

int
interrupt_signal(void)
{
    return atomic_load(&received);
}

int64_t
interrupt_age_ms(void)
{
    return interrupt_signal() == 0 ? 0 : clock_monotonic_ms() - atomic_load(&received_ms);
}

int
interrupt_exit_status(void)
{
    return 128 + interrupt_signal();
}

bool
interrupt_check(Error *err)
{
    int number = interrupt_signal();

    if (number == 0)
        return true;
    return error_set(err, ERR_INTERRUPTED, "stopped by %s",
                     number == SIGINT ? "SIGINT" : "SIGTERM");
}

bool
interrupt_sleep(int64_t ms, Error *err)
{
    int64_t until = clock_monotonic_ms() + ms;

    /* Signals may land on any thread, so this one wakes up in between and looks. */
    while (interrupt_signal() == 0) {
        int64_t left = until - clock_monotonic_ms();
        if (left <= 0)
            break;
        int64_t nap = left < 50 ? left : 50;
        struct timespec time = {.tv_sec = nap / 1000, .tv_nsec = nap % 1000 * 1000000};
        nanosleep(&time, NULL);
    }
    return interrupt_check(err);
}
