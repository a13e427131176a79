/* http.h: HTTP requests that either get a definite answer or say that none came.
 *
 * One HttpClient serves all requests of a destination or a notifier; it keeps connections open and
 * may be used by several threads at once. A request is a struct, its answer is a struct; whoever
 * speaks a service's dialect (signatures, tokens, XML, JSON) lives above.
 *
 * Retries  one request is repeated with growing, jittered pauses (Retry-After is obeyed up to
 *          retry_pause_max_ms) after connection errors, 408, 429, 500, 502, 503, 504, and after
 *          whatever should_retry names, as often as attempts allows; prepare runs before every
 *          attempt, so that dates and tokens are fresh. HTTP_ONCE sends once.
 * Answers  any status is an answer: true, also when 503 was the last one. false means that no
 *          whole answer came: ERR_UNAVAILABLE, and the server may or may not have done it.
 * Secrets  Authorization, Cookie and query values never reach a log or an error; error texts name
 *          method, host, path and status.
 * TLS      always verified; ca_file adds to or replaces the system's authorities as libcurl does.
 * Proxy    from the environment, as libcurl does. Its refusal is no answer.
 * Stop     interrupt_requested() ends waiting and transfers with ERR_INTERRUPTED, save for requests
 *          marked runs_to_the_end (publishing must learn its answer): all of these together have
 *          eight seconds from the signal on. A request's own is_cancelled ends it likewise.
 * Source   RFC 9110; libcurl's easy interface. */
#ifndef RIVET_UTIL_HTTP_H
#define RIVET_UTIL_HTTP_H

#include <stdatomic.h>

#include "util/buffer.h"
#include "util/error.h"

typedef struct HttpClient HttpClient;

typedef struct HttpPolicy {
    const char *ca_file;      /* NULL: the system's */
    int attempts;             /* in all, ≥ 1; 0: the default, 5 */
    int connect_timeout_ms;   /* 0: 10 s */
    int stall_timeout_ms;     /* no byte in either direction for so long; 0: 30 s */
    int total_timeout_ms;     /* one attempt as a whole; 0: none */
    int retry_pause_first_ms; /* 0: 200 */
    int retry_pause_max_ms;   /* 0: 20 s */
} HttpPolicy;

enum { HTTP_MAX_HEADERS = 32, HTTP_ANSWER_LIMIT_BYTES = 1 << 20 };

typedef struct HttpHeader {
    const char *name;
    const char *value;
} HttpHeader;

typedef struct HttpRequest HttpRequest;
typedef struct HttpAnswer HttpAnswer;

struct HttpRequest {
    const char *method; /* "GET" … */
    const char *url;    /* encoded, whole */
    HttpHeader headers[HTTP_MAX_HEADERS];
    size_t n_headers;
    const void *body; /* caller's, until http_send returns; NULL with a length of 0: none */
    size_t body_bytes;
    size_t answer_limit_bytes; /* a larger body is an error; 0: HTTP_ANSWER_LIMIT_BYTES */
    bool once;                 /* no retry at all */
    bool runs_to_the_end;
    const atomic_bool *is_cancelled; /* set by another thread: nobody wants it any more; or NULL */
    bool hides_path;    /* the path is a secret (webhooks): errors and logs name the host alone */
    bool without_proxy; /* metadata services on link-local addresses */
    /* Called before each attempt (1, 2 …) with the request to complete: signature, token. Adds or
     * replaces headers; strings live until the next call. NULL: nothing to do. */
    bool (*prepare)(void *context, HttpRequest *request, int attempt, Error *err);
    /* A further reason to repeat: an error in a 200, an expired token in a 401. NULL: none. */
    bool (*should_retry)(void *context, const HttpAnswer *answer);
    void *context;
};

struct HttpAnswer {
    int status;
    int attempts;   /* sent in all; > 1: an earlier attempt may have been carried out */
    Buffer body;    /* NUL after its end, not counted */
    Buffer headers; /* "name: value\n" …, names in lower case */
};

MUST_USE bool http_client_create(const HttpPolicy *policy, HttpClient **out, Error *err);
void http_client_free(HttpClient *client); /* NULL is fine */

/* answer must be zeroed; http_answer_free it also after a failure. */
MUST_USE bool http_send(HttpClient *client, HttpRequest *request, HttpAnswer *answer, Error *err);
void http_answer_free(HttpAnswer *answer);

/* The value of a header, copied; false and "" when there is none. name in lower case. */
bool http_header(const HttpAnswer *answer, const char *name, char *value, size_t size_bytes);
/* Sets or replaces; a full table is a programming error and ends the process. */
void http_set_header(HttpRequest *request, const char *name, const char *value);
/* Percent-encodes all but unreserved characters; '/' stays when keep_slash. */
void http_encode(const char *text, bool keep_slash, Buffer *out);

#endif
