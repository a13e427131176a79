#include <sys/socket.h>

#include "source/mysql/mysql_source.h"

/* How long a second connection may take to end a statement. */
enum { KILL_TIMEOUT_S = 5 };

/* Only raises the flag and shuts the socket down, which ends a blocked read or write; so it is
 * safe from any thread. The reader itself then asks the server to stop. The flag comes first: a
 * socket that we do not see yet is opened by someone who then looks at the flag. */
void
my_cancel(Source *source)
{
    MySource *my = (MySource *)source;

    atomic_store(&my->is_cancelled, true);
    const int fds[] = {atomic_load(&my->cancel_fd), atomic_load(&my->guard_fd)};
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++)
        if (fds[i] >= 0)
            (void)shutdown(fds[i], SHUT_RDWR);
}

bool
my_check_cancelled(MySource *my, Error *err)
{
    if (LIKELY(!atomic_load_explicit(&my->is_cancelled, memory_order_relaxed)))
        return true;
    return error_set(err, ERR_INTERRUPTED, "the read was cancelled");
}

/* Without success the server notices the closed connection at its next write. */
void
my_stop_statement(MySource *my)
{
    MYSQL *conn = NULL;
    Error ignored = ERROR_INIT;
    char sql[64];

    if (!my_open_connection(&my->address, KILL_TIMEOUT_S, &conn, &ignored))
        return;
    snprintf(sql, sizeof(sql), "KILL QUERY %lu", my->thread_id);
    (void)mysql_query(conn, sql);
    mysql_close(conn);
}
