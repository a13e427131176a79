/* floor_pg: read the whole result of a query from PostgreSQL and throw it away.
 *
 * The shortest time in which any client can have the rows; rivet's times are ratios to it.
 *
 *   --mode copy      COPY (query) TO STDOUT (FORMAT binary): what rivet does (default)
 *   --mode select    the query itself, single-row mode, binary results
 *   --lowat          wake up for a megabyte at a time instead of for every small packet
 *
 * Prints one line: mode, bytes of payload (message and protocol headers left out), seconds from
 * sending the query to the end of the result. */
#include <libpq-fe.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    LOWAT_BYTES = 1024 * 1024,
    /* The tail of a result stays below the mark: after this time it is taken anyway. */
    LOWAT_POLL_MS = 1,
};

typedef struct Arguments {
    const char *url;
    const char *query;
    bool is_select;
    bool use_lowat;
} Arguments;

static void
die(PGconn *connection, const char *what)
{
    fprintf(stderr, "floor_pg: %s: %s", what, PQerrorMessage(connection));
    PQfinish(connection);
    exit(1);
}

static void
usage(void)
{
    fprintf(stderr, "usage: floor_pg --url URL --query SQL [--mode copy|select] [--lowat]\n");
    exit(2);
}

static double
now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The mark only wakes poll, and libpq must never wait for the socket itself while it is set. */
static void
set_lowat(PGconn *connection, int size_bytes)
{
    if (setsockopt(PQsocket(connection), SOL_SOCKET, SO_RCVLOWAT, &size_bytes,
                   sizeof(size_bytes)) != 0)
        perror("floor_pg: SO_RCVLOWAT");
}

static void
wait_for_input(PGconn *connection, const Arguments *arguments)
{
    struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};

    if (poll(&socket, 1, arguments->use_lowat ? LOWAT_POLL_MS : -1) < 0 && errno != EINTR)
        die(connection, "poll");
    if (PQconsumeInput(connection) == 0)
        die(connection, "read");
}

static PGresult *
next_result(PGconn *connection, const Arguments *arguments)
{
    while (PQisBusy(connection))
        wait_for_input(connection, arguments);
    return PQgetResult(connection);
}

static uint64_t
read_copy(PGconn *connection, const Arguments *arguments)
{
    uint64_t byte_count = 0;

    for (;;) {
        char *row = NULL;
        int length = PQgetCopyData(connection, &row, 1);
        if (length == 0) {
            wait_for_input(connection, arguments);
        } else if (length == -1) {
            return byte_count;
        } else if (length < 0) {
            die(connection, "copy");
        } else {
            byte_count += (uint64_t)length;
            PQfreemem(row);
        }
    }
}

static uint64_t
cell_bytes(const PGresult *row)
{
    uint64_t byte_count = 0;

    for (int i = 0; i < PQnfields(row); i++)
        byte_count += (uint64_t)PQgetlength(row, 0, i);
    return byte_count;
}

static void
send_query(PGconn *connection, const Arguments *arguments)
{
    size_t size_bytes = strlen(arguments->query) + 64;
    char *sql = malloc(size_bytes);

    if (sql == NULL)
        exit(1);
    snprintf(sql, size_bytes, arguments->is_select ? "%s" : "COPY (%s) TO STDOUT (FORMAT binary)",
             arguments->query);
    if (PQsendQueryParams(connection, sql, 0, NULL, NULL, NULL, NULL, 1) != 1)
        die(connection, "send");
    if (arguments->is_select && PQsetSingleRowMode(connection) != 1)
        die(connection, "single-row mode");
    free(sql);
}

static uint64_t
read_result(PGconn *connection, const Arguments *arguments)
{
    uint64_t byte_count = 0;
    PGresult *result;

    while ((result = next_result(connection, arguments)) != NULL) {
        switch (PQresultStatus(result)) {
        case PGRES_COPY_OUT:
            byte_count += read_copy(connection, arguments);
            break;
        case PGRES_SINGLE_TUPLE:
            byte_count += cell_bytes(result);
            break;
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
            break;
        default:
            die(connection, "query");
        }
        PQclear(result);
    }
    return byte_count;
}

static Arguments
parse(int argc, char **argv)
{
    Arguments arguments = {.url = "postgresql://rivet:rivet@localhost:5432/rivet"};

    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--lowat") == 0) {
            arguments.use_lowat = true;
            continue;
        }
        if (value == NULL)
            usage();
        if (strcmp(argv[i], "--url") == 0)
            arguments.url = value;
        else if (strcmp(argv[i], "--query") == 0)
            arguments.query = value;
        else if (strcmp(argv[i], "--mode") == 0 && strcmp(value, "select") == 0)
            arguments.is_select = true;
        else if (strcmp(argv[i], "--mode") != 0 || strcmp(value, "copy") != 0)
            usage();
        i++;
    }
    if (arguments.query == NULL)
        usage();
    return arguments;
}

int
main(int argc, char **argv)
{
    Arguments arguments = parse(argc, argv);
    PGconn *connection = PQconnectdb(arguments.url);

    if (PQstatus(connection) != CONNECTION_OK)
        die(connection, "connect");
    if (arguments.use_lowat)
        set_lowat(connection, LOWAT_BYTES);

    double started_s = now_s();
    send_query(connection, &arguments);
    uint64_t byte_count = read_result(connection, &arguments);
    double seconds = now_s() - started_s;

    printf("mode=%s%s bytes=%" PRIu64 " seconds=%.3f\n", arguments.is_select ? "select" : "copy",
           arguments.use_lowat ? "+lowat" : "", byte_count, seconds);
    PQfinish(connection);
    return 0;
}
