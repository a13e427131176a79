#include "http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/memory.h"

enum { PEERS_MAX = 32, REQUESTS_MAX = 256 };

typedef struct Peer {
    int fd;
    Buffer input;
} Peer;

struct HttpServer {
    const ScriptedReply *replies;
    size_t reply_count;
    int listener;
    int wake[2]; /* a byte ends the thread */
    int port;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what the test reads */
    char *requests[REQUESTS_MAX];
    size_t request_count;
    size_t connection_count;
    Peer peers[PEERS_MAX];
    size_t peer_count;
};

static void
check(bool ok)
{
    if (!ok)
        abort();
}

/* Bytes of the first whole request in input, or 0. */
static size_t
whole_request(Buffer *input)
{
    static const char LENGTH[] = "\r\nContent-Length:";
    const char *text = buffer_text(input);
    const char *end = strstr(text, "\r\n\r\n");

    if (end == NULL)
        return 0;
    const char *length = strcasestr(text, LENGTH);
    size_t head = (size_t)(end - text) + 4;
    size_t body = length == NULL || length > end ? 0 : strtoul(length + strlen(LENGTH), NULL, 10);
    return input->size >= head + body ? head + body : 0;
}

static void
send_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        text += sent;
        left -= (size_t)sent;
    }
}

/* False when the connection is to be closed. */
static bool
answer(HttpServer *server, Peer *peer, size_t size)
{
    static const ScriptedReply BEYOND = {"HTTP/1.1 599 Script Over\r\nContent-Length: 0\r\n\r\n", 0,
                                         false};
    size_t index = server->request_count;
    const ScriptedReply *reply = index < server->reply_count ? &server->replies[index] : &BEYOND;

    check(index < REQUESTS_MAX);
    pthread_mutex_lock(&server->lock);
    server->requests[index] = memory_dup_bytes((const char *)peer->input.data, size);
    server->request_count++;
    pthread_mutex_unlock(&server->lock);
    memmove(peer->input.data, peer->input.data + size, peer->input.size - size);
    peer->input.size -= size;
    struct pollfd wake = {server->wake[0], POLLIN, 0};
    if (poll(&wake, 1, reply->delay_ms) != 0)
        return false; /* the test is over */
    if (reply->bytes != NULL)
        send_all(peer->fd, reply->bytes);
    return reply->bytes != NULL && !reply->closes;
}

static bool
serve(HttpServer *server, Peer *peer)
{
    ssize_t got = recv(peer->fd, buffer_reserve(&peer->input, 65536), 65536, 0);

    if (got <= 0)
        return false;
    peer->input.size += (size_t)got;
    for (size_t size = whole_request(&peer->input); size > 0; size = whole_request(&peer->input))
        if (!answer(server, peer, size))
            return false;
    return true;
}

static void
drop(HttpServer *server, size_t index)
{
    close(server->peers[index].fd);
    buffer_release(&server->peers[index].input);
    server->peers[index] = server->peers[--server->peer_count];
}

static void
welcome(HttpServer *server)
{
    int fd = accept(server->listener, NULL, NULL);

    if (fd < 0)
        return;
    check(server->peer_count < PEERS_MAX);
    server->peers[server->peer_count++] = (Peer){.fd = fd};
    pthread_mutex_lock(&server->lock);
    server->connection_count++;
    pthread_mutex_unlock(&server->lock);
}

static void *
run(void *context)
{
    HttpServer *server = context;

    for (;;) {
        struct pollfd fds[PEERS_MAX + 2] = {{server->wake[0], POLLIN, 0},
                                            {server->listener, POLLIN, 0}};
        for (size_t i = 0; i < server->peer_count; i++)
            fds[i + 2] = (struct pollfd){server->peers[i].fd, POLLIN, 0};
        check(poll(fds, server->peer_count + 2, -1) > 0);
        if (fds[0].revents != 0)
            return NULL;
        for (size_t i = server->peer_count; i > 0; i--)
            if (fds[i + 1].revents != 0 && !serve(server, &server->peers[i - 1]))
                drop(server, i - 1);
        if (fds[1].revents != 0)
            welcome(server);
    }
}

HttpServer *
http_server_start(const ScriptedReply *replies, size_t count)
{
    HttpServer *server = memory_alloc_zero(1, sizeof(*server));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    server->replies = replies;
    server->reply_count = count;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(server->listener >= 0 && pipe(server->wake) == 0);
    check(bind(server->listener, (struct sockaddr *)&address, length) == 0);
    check(listen(server->listener, 16) == 0);
    check(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0);
    server->port = ntohs(address.sin_port);
    pthread_mutex_init(&server->lock, NULL);
    check(pthread_create(&server->thread, NULL, run, server) == 0);
    return server;
}

void
http_server_stop(HttpServer *server)
{
    check(write(server->wake[1], "x", 1) == 1);
    pthread_join(server->thread, NULL);
    while (server->peer_count > 0)
        drop(server, 0);
    for (size_t i = 0; i < server->request_count; i++)
        free(server->requests[i]);
    close(server->listener);
    close(server->wake[0]);
    close(server->wake[1]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

int
http_server_port(const HttpServer *server)
{
    return server->port;
}

size_t
http_server_request_count(HttpServer *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->request_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

size_t
http_server_connection_count(HttpServer *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->connection_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

const char *
http_server_request(HttpServer *server, size_t index)
{
    pthread_mutex_lock(&server->lock);
    const char *request = index < server->request_count ? server->requests[index] : NULL;
    pthread_mutex_unlock(&server->lock);
    return request;
}
