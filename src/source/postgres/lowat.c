/* The receive low-water mark: the kernel wakes us once a megabyte has come, not for every segment;
 * that saves a fifth of the wall time. Only on TCP without TLS (TLS reads ahead, a Unix socket
 * knows no such mark), only between first row and end marker; the reader polls with a short limit,
 * because the tail of the data never reaches the mark. Source: spec extraction §2, socket(7). */
#include <netinet/in.h>
#include <sys/socket.h>

#include "source/postgres/postgres.h"

enum { LOW_WATER_BYTES = 1 << 20 };

static bool
is_plain_tcp(PGconn *conn)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);

    if (PQsslInUse(conn) != 0 || PQgssEncInUse(conn) != 0 ||
        getsockname(PQsocket(conn), (struct sockaddr *)&address, &length) != 0)
        return false;
    return address.ss_family == AF_INET || address.ss_family == AF_INET6;
}

static bool
set_low_water(PGconn *conn, int bytes)
{
    return setsockopt(PQsocket(conn), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes)) == 0;
}

void
pg_low_water_raise(PgSource *pg)
{
    pg->may_have_low_water = false;
    if (is_plain_tcp(pg->conn))
        pg->has_low_water = set_low_water(pg->conn, LOW_WATER_BYTES);
}

void
pg_low_water_reset(PgSource *pg)
{
    if (!pg->has_low_water)
        return;
    pg->has_low_water = false;
    (void)set_low_water(pg->conn, 1); /* a socket that is gone needs no mark */
}
