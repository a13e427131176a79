#include <sys/eventfd.h>
#include <unistd.h>

#include "source/postgres/postgres.h"

/* Only raises the flag and wakes the poll, so it is safe from any thread and from a signal
 * handler; the reader itself then asks the server to stop. */
void
pg_cancel(Source *source)
{
    PgSource *pg = (PgSource *)source;
    uint64_t one = 1;

    atomic_store(&pg->is_cancelled, true);
    /* A full counter already wakes the poll, and nothing else can go wrong with an eventfd. */
    if (write(pg->wake_fd, &one, sizeof(one)) < 0)
        return;
}

bool
pg_check_cancelled(PgSource *pg, Error *err)
{
    if (LIKELY(!atomic_load_explicit(&pg->is_cancelled, memory_order_relaxed)))
        return true;
    pg_stop_statement(pg);
    return error_set(err, ERR_INTERRUPTED, "the read was cancelled");
}

void
pg_stop_statement(PgSource *pg)
{
    char reason[256];

    if (pg->is_stop_sent || pg->is_ending || PQtransactionStatus(pg->conn) != PQTRANS_ACTIVE)
        return;
    pg->is_stop_sent = true;
    PGcancel *request = PQgetCancel(pg->conn);
    if (request == NULL)
        return;
    /* Without success the server notices a closed connection at its next write. */
    (void)PQcancel(request, reason, sizeof(reason));
    PQfreeCancel(request);
}
