/* Connector/C goes on in clear when a server does not offer TLS, and then even sends the password
 * as it is where caching_sha2_password asks for it: it takes the wish for TLS for TLS. So we look
 * at the greeting before the library answers it, and at the cipher before the first query. */
#include <poll.h>
#include <sys/socket.h>

#include "source/mysql/mysql_source.h"
#include "util/clock.h"

/* The greeting: int24 length, sequence number 0, protocol version 10, server version and a NUL,
 * int32 thread, 8 bytes and a NUL, then the lower half of the capabilities. Source: MySQL
 * client/server protocol, Protocol::HandshakeV10. */
enum {
    GREETING_VERSION_AT = 5,
    GREETING_CAPABILITIES_AT = 1 + 4 + 8 + 1, /* from the end of the server version */
    GREETING_PEEK_BYTES = 512,
};

/* The library's wait takes a function, but no context for it. One handshake at a time per thread.
 */
typedef struct Handshake {
    MYSQL *conn; /* NULL: the greeting has been seen */
    TlsMode mode;
    bool is_refused;
} Handshake;

static _Thread_local Handshake handshake;

typedef enum Greeting {
    GREETING_NONE, /* the connection has ended */
    GREETING_INCOMPLETE,
    GREETING_WITH_TLS,
    GREETING_IN_CLEAR,
} Greeting;

static Greeting
judge_greeting(const uint8_t *bytes, size_t size_bytes)
{
    if (size_bytes < GREETING_VERSION_AT)
        return GREETING_INCOMPLETE;
    /* Anything else than a greeting (an error, say) is for the library to read. */
    if (bytes[3] != 0 || bytes[4] != 10)
        return GREETING_WITH_TLS;
    const uint8_t *end =
        memchr(bytes + GREETING_VERSION_AT, '\0', size_bytes - GREETING_VERSION_AT);
    if (end == NULL || (size_t)(end - bytes) + GREETING_CAPABILITIES_AT + 2 > size_bytes)
        return GREETING_INCOMPLETE;
    end += GREETING_CAPABILITIES_AT;
    bool has_tls = ((end[0] | end[1] << 8) & CLIENT_SSL) != 0;
    return has_tls ? GREETING_WITH_TLS : GREETING_IN_CLEAR;
}

/* As poll has it: 1 when something is there, 0 when the time is over. */
static int
wait_for(int fd, short events, int64_t deadline, int timeout_ms, short *seen)
{
    struct pollfd ready = {.fd = fd, .events = events};
    int left = timeout_ms;

    if (timeout_ms >= 0) {
        int64_t now = clock_monotonic_ms();
        left = deadline > now ? (int)(deadline - now) : 0;
    }
    int result = poll(&ready, 1, left);
    *seen = ready.revents;
    return result;
}

/* Without the wish for TLS the library uses the server's RSA key. */
static bool
go_on_in_clear(void)
{
    my_bool is_wanted = 0;

    handshake.is_refused = handshake.mode >= TLS_REQUIRED;
    mysql_optionsv(handshake.conn, MYSQL_OPT_SSL_ENFORCE, &is_wanted);
    return !handshake.is_refused;
}

/* A greeting without an end in sight counts as one in clear. */
static Greeting
peek_greeting(int fd)
{
    uint8_t bytes[GREETING_PEEK_BYTES];
    ssize_t size = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);

    if (size <= 0)
        return GREETING_NONE;
    Greeting greeting = judge_greeting(bytes, (size_t)size);
    return greeting == GREETING_INCOMPLETE && size == GREETING_PEEK_BYTES ? GREETING_IN_CLEAR
                                                                          : greeting;
}

/* Waits for the whole greeting, which stays in the socket. A connection that fails is left to the
 * library, which reads the socket's error and may try the host's next address. */
static int
inspect_greeting(int fd, int64_t deadline, int timeout_ms)
{
    Greeting greeting = GREETING_INCOMPLETE;

    while (greeting == GREETING_INCOMPLETE) {
        short seen;
        int ready = wait_for(fd, POLLIN, deadline, timeout_ms, &seen);
        if (ready <= 0 || (seen & (POLLERR | POLLNVAL)) != 0)
            return ready;
        greeting = peek_greeting(fd);
        if (greeting == GREETING_INCOMPLETE)
            (void)poll(NULL, 0, 1); /* what is there would wake every further poll at once */
    }
    if (greeting == GREETING_NONE)
        return 1;
    bool ok = greeting == GREETING_WITH_TLS || go_on_in_clear();
    handshake.conn = NULL;
    return ok ? 1 : -1;
}

/* The library's wait. It first asks whether a fresh connection can be written to, before it reads
 * the greeting and answers it; every later wait is for reading. */
static int
wait_with_greeting(my_socket fd, my_bool is_read, int timeout_ms)
{
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    short seen;

    if (!is_read && handshake.conn != NULL) {
        int ready = inspect_greeting(fd, deadline, timeout_ms);
        if (ready <= 0)
            return ready;
    }
    return wait_for(fd, is_read ? POLLIN : POLLOUT, deadline, timeout_ms, &seen);
}

/* With a CA at hand Connector/C before 3.4 checks the chain, and the name only when asked to. */
static bool
can_verify_ca(void)
{
    return mysql_get_client_version() < 30400;
}

static bool
check_mode(const MyTls *tls, Error *err)
{
    if (tls->mode != TLS_VERIFY_CA)
        return true;
    if (tls->ca == NULL)
        return error_set(err, ERR_CONFIG,
                         "tls: VERIFY_CA needs a ca file: the MySQL client library does not look "
                         "into the system's certificates in this mode");
    return can_verify_ca() ||
           error_set(err, ERR_UNSUPPORTED,
                     "tls: the installed MySQL client library cannot do VERIFY_CA; use "
                     "VERIFY_IDENTITY");
}

bool
my_tls_prepare(MYSQL *conn, const MyTls *tls, Error *err)
{
    my_bool is_wanted = tls->mode != TLS_DISABLED;
    my_bool is_verified = tls->mode == TLS_VERIFY_IDENTITY;

    if (!check_mode(tls, err))
        return false;
    handshake = (Handshake){.mode = tls->mode};
    mysql_optionsv(conn, MYSQL_OPT_SSL_ENFORCE, &is_wanted);
    mysql_optionsv(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_verified);
    if (!is_wanted)
        return true;
    if (tls->ca != NULL)
        mysql_optionsv(conn, MYSQL_OPT_SSL_CA, tls->ca);
    if (tls->cert != NULL)
        mysql_optionsv(conn, MYSQL_OPT_SSL_CERT, tls->cert);
    if (tls->key != NULL)
        mysql_optionsv(conn, MYSQL_OPT_SSL_KEY, tls->key);
    handshake.conn = conn;
    mysql_optionsv(conn, MARIADB_OPT_IO_WAIT, wait_with_greeting);
    return true;
}

static bool
refuse(Error *err)
{
    return error_set(err, ERR_CONFIG,
                     "tls: the MySQL server does not offer TLS, which the configuration requires");
}

bool
my_tls_check_failure(Error *err)
{
    return !handshake.is_refused || refuse(err);
}

bool
my_tls_check(MYSQL *conn, const MyTls *tls, Error *err)
{
    handshake.conn = NULL;
    mysql_optionsv(conn, MARIADB_OPT_IO_WAIT, NULL);
    return tls->mode < TLS_REQUIRED || mysql_get_ssl_cipher(conn) != NULL || refuse(err);
}
