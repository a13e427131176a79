/* http_server.h: a server on loopback that answers from a script, one row per request.
 *
 * Keeps connections open unless a row closes them; remembers every request as it came. Requests
 * must carry Content-Length when they have a body. Behind the script's end it answers 599.
 * Threads  one of its own; the test reads requests after the client's call returned. */
#ifndef RIVET_TESTS_SUPPORT_HTTP_SERVER_H
#define RIVET_TESTS_SUPPORT_HTTP_SERVER_H

#include "util/base.h"

typedef struct ScriptedReply {
    const char *bytes; /* the raw answer; NULL: close without a word */
    int delay_ms;      /* wait before answering */
    bool closes;       /* close behind the answer */
} ScriptedReply;

typedef struct HttpServer HttpServer;

HttpServer *http_server_start(const ScriptedReply *replies, size_t count);
void http_server_stop(HttpServer *server);

int http_server_port(const HttpServer *server);
size_t http_server_request_count(HttpServer *server);
size_t http_server_connection_count(HttpServer *server);
/* Head and body, NUL-terminated; NULL when there is none. */
const char *http_server_request(HttpServer *server, size_t index);

#endif
