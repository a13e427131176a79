#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include "source/mysql/mysql_source.h"
#include "util/memory.h"

/* The logins that we document. Others stay out: a server may ask for the password in clear text
 * (mysql_clear_password), and in time some plugin will surprise us. */
static const char LOGINS[] = "mysql_native_password,caching_sha2_password,client_ed25519";

static void
init_library(void)
{
    /* A failure shows up again as mysql_init returning NULL. */
    (void)mysql_library_init(0, NULL, NULL);
}

/* The library wants to be initialised by one thread alone. */
static MYSQL *
new_connection(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, init_library);
    return mysql_init(NULL);
}

static void
set_options(MYSQL *conn, const MyAddress *address, int64_t timeout_s)
{
    unsigned timeout = (unsigned)timeout_s;
    /* "localhost" would mean the socket to the library, which may lead to another server. */
    unsigned protocol = address->socket != NULL ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    unsigned local_infile = 0; /* a server may ask for any file of ours otherwise */
    my_bool reconnects = 0;

    mysql_optionsv(conn, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
    mysql_optionsv(conn, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_optionsv(conn, MYSQL_OPT_LOCAL_INFILE, &local_infile);
    mysql_optionsv(conn, MYSQL_OPT_RECONNECT, &reconnects);
    mysql_optionsv(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_optionsv(conn, MARIADB_OPT_RESTRICTED_AUTH, LOGINS);
    mysql_optionsv(conn, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "rivet");
}

/* A peer that vanished without a word would leave us waiting for ever. */
static void
watch_peer(int fd)
{
    static const struct {
        int level, option, value;
    } OPTIONS[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 30},
        {IPPROTO_TCP, TCP_KEEPINTVL, 10},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(OPTIONS); i++)
        (void)setsockopt(fd, OPTIONS[i].level, OPTIONS[i].option, &OPTIONS[i].value,
                         sizeof(OPTIONS[i].value));
}

bool
my_open_connection(const MyAddress *address, int64_t timeout_s, MYSQL **out, Error *err)
{
    MYSQL *conn = new_connection();
    bool ok = false;

    *out = NULL;
    if (conn == NULL)
        return error_set(err, ERR_INTERNAL, "the MySQL client library cannot be initialised");
    set_options(conn, address, timeout_s);
    if (!my_tls_prepare(conn, &address->tls, err))
        goto done;
    if (mysql_real_connect(conn, address->host, address->user, address->password, address->database,
                           address->port, address->socket, CLIENT_REMEMBER_OPTIONS) == NULL) {
        my_error_connect(conn, address, err);
        goto done;
    }
    ok = my_tls_check(conn, &address->tls, err);

done:
    if (!ok) {
        mysql_close(conn);
        return false;
    }
    if (address->socket == NULL)
        watch_peer((int)mysql_get_socket(conn));
    *out = conn;
    return true;
}

/* "10.11.19-MariaDB-0+deb12u1", "8.4.3", old MariaDB servers "5.5.5-10.6.1-MariaDB". */
static void
describe_server(MySource *my)
{
    Source *base = &my->base;
    const char *version = mysql_get_server_info(my->conn);

    my->is_mariadb = mariadb_connection(my->conn) != 0;
    if (strncmp(version, "5.5.5-", 6) == 0)
        version += 6;
    snprintf(base->server_version, sizeof(base->server_version), "%s %.*s",
             my->is_mariadb ? "MariaDB" : "MySQL", (int)strcspn(version, "-"), version);
    const char *database = my->address.database == NULL ? "" : my->address.database;
    if (my->address.socket != NULL)
        snprintf(base->identity, sizeof(base->identity), "mysql://[%s]/%s", my->address.socket,
                 database);
    else
        snprintf(base->identity, sizeof(base->identity), "mysql://%s:%u/%s", my->address.host,
                 my->address.port, database);
}

static MySource *
new_source(const SourceOptions *options)
{
    MySource *my = memory_alloc_zero(1, sizeof(*my));
    Source base = {.driver = &MYSQL_DRIVER, .options = *options};

    memcpy(&my->base, &base, sizeof(base)); /* options is const once it is in place */
    atomic_init(&my->cancel_fd, -1);
    atomic_init(&my->guard_fd, -1);
    atomic_init(&my->is_cancelled, false);
    my->limit_ms = -1;
    my->wire.max_cell_bytes = options->max_cell_bytes;
    my->wire.counts = &my->base.policy_counts;
    return my;
}

bool
my_connect(const SourceOptions *options, Source **out, Error *err)
{
    MySource *my = new_source(options);
    int64_t timeout_s = options->tuning->connect_timeout_s;

    *out = NULL;
    bool ok = my_address_read(options->address, &my->arena, &my->address, err) &&
              my_open_connection(&my->address, timeout_s, &my->conn, err);
    if (ok) {
        my->thread_id = mysql_thread_id(my->conn);
        atomic_store(&my->cancel_fd, (int)mysql_get_socket(my->conn));
        describe_server(my);
        ok = my_session_prepare(my, err);
    }
    if (!ok) {
        my_close(&my->base);
        return false;
    }
    *out = &my->base;
    return true;
}

void
my_close(Source *source)
{
    MySource *my = (MySource *)source;

    if (my->is_running)
        my_stop_statement(my);
    atomic_store(&my->cancel_fd, -1);
    /* First the connection, which ends the statement with it: closing the statement alone would
     * read the rest of its rows. The server rolls back. */
    mysql_close(my->conn);
    if (my->stmt != NULL)
        mysql_stmt_close(my->stmt);
    my_pages_release(my);
    my_address_wipe(&my->address);
    arena_release(&my->arena);
    free(my);
}
