#include "util/http.h"

#include <pthread.h>
#include <time.h>

#include "util/clock.h"
#include "util/http_transfer.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"
#include "util/random.h"

#define MODULE "rivet::http"

enum {
    ATTEMPTS = 5,
    CONNECT_TIMEOUT_MS = 10000,
    STALL_TIMEOUT_MS = 30000,
    RETRY_PAUSE_FIRST_MS = 200,
    RETRY_PAUSE_MAX_MS = 20000,
};

/* A handle that nobody uses at the moment; its connections stay open. */
typedef struct IdleHandle {
    struct IdleHandle *next;
    CURL *handle;
} IdleHandle;

struct HttpClient {
    HttpPolicy policy;
    char *ca_file;
    pthread_mutex_t lock; /* guards idle */
    IdleHandle *idle;
};

/* ---- the client ---- */

static void
init_library(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
}

static int
or_default(int value, int standard)
{
    return value > 0 ? value : standard;
}

bool
http_client_create(const HttpPolicy *policy, HttpClient **out, Error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    HttpClient *client = memory_alloc_zero(1, sizeof(*client));

    (void)err;
    pthread_once(&once, init_library);
    client->ca_file = memory_dup_string(policy->ca_file);
    client->policy = (HttpPolicy){
        .ca_file = client->ca_file,
        .attempts = or_default(policy->attempts, ATTEMPTS),
        .connect_timeout_ms = or_default(policy->connect_timeout_ms, CONNECT_TIMEOUT_MS),
        .stall_timeout_ms = or_default(policy->stall_timeout_ms, STALL_TIMEOUT_MS),
        .total_timeout_ms = policy->total_timeout_ms,
        .retry_pause_first_ms = or_default(policy->retry_pause_first_ms, RETRY_PAUSE_FIRST_MS),
        .retry_pause_max_ms = or_default(policy->retry_pause_max_ms, RETRY_PAUSE_MAX_MS),
    };
    pthread_mutex_init(&client->lock, NULL);
    *out = client;
    return true;
}

void
http_client_free(HttpClient *client)
{
    if (client == NULL)
        return;
    while (client->idle != NULL) {
        IdleHandle *idle = client->idle;
        client->idle = idle->next;
        curl_easy_cleanup(idle->handle);
        free(idle);
    }
    pthread_mutex_destroy(&client->lock);
    free(client->ca_file);
    free(client);
}

static IdleHandle *
take_handle(HttpClient *client)
{
    pthread_mutex_lock(&client->lock);
    IdleHandle *taken = client->idle;
    if (taken != NULL)
        client->idle = taken->next;
    pthread_mutex_unlock(&client->lock);
    if (taken != NULL)
        return taken;
    taken = memory_alloc_zero(1, sizeof(*taken));
    taken->handle = curl_easy_init();
    if (taken->handle == NULL)
        abort(); /* memory is out */
    return taken;
}

static void
give_back(HttpClient *client, IdleHandle *handle)
{
    pthread_mutex_lock(&client->lock);
    handle->next = client->idle;
    client->idle = handle;
    pthread_mutex_unlock(&client->lock);
}

/* ---- one request ---- */

static bool
is_worth_repeating(const HttpRequest *request, const HttpAnswer *answer)
{
    static const int STATUSES[] = {408, 429, 500, 502, 503, 504};

    for (size_t i = 0; i < ARRAY_LENGTH(STATUSES); i++)
        if (answer->status == STATUSES[i])
            return true;
    return request->should_retry != NULL && request->should_retry(request->context, answer);
}

/* Between half of the pause and all of it, so that many clients do not come back together. */
static int64_t
jittered(int64_t pause_ms)
{
    char hex[9];

    random_hex(hex, 4);
    return pause_ms / 2 + (int64_t)(strtoul(hex, NULL, 16) % (unsigned long)(pause_ms / 2 + 1));
}

static int64_t
pause_before(const HttpPolicy *policy, int attempt, int64_t retry_after_s)
{
    int64_t pause_ms = policy->retry_pause_first_ms;
    int64_t asked_ms = retry_after_s * 1000;

    for (int i = 1; i < attempt && pause_ms < policy->retry_pause_max_ms; i++)
        pause_ms *= 2;
    if (pause_ms > policy->retry_pause_max_ms)
        pause_ms = policy->retry_pause_max_ms;
    pause_ms = jittered(pause_ms);
    if (asked_ms > policy->retry_pause_max_ms)
        asked_ms = policy->retry_pause_max_ms;
    return asked_ms > pause_ms ? asked_ms : pause_ms;
}

static bool
wait_between(const HttpRequest *request, int64_t pause_ms, Error *err)
{
    int64_t until = clock_monotonic_ms() + pause_ms;

    while (clock_monotonic_ms() < until) {
        struct timespec nap = {.tv_nsec = 20000000};
        if (transfer_must_stop(request)) {
            error_clear(err);
            return transfer_fail_stopped(err);
        }
        nanosleep(&nap, NULL);
    }
    return true;
}

static void
log_attempt(const HttpRequest *request, const HttpAnswer *answer, int attempt, const Error *err)
{
    char what[512];

    if (!log_is_enabled(LOG_DEBUG, MODULE))
        return;
    transfer_describe(request, what, sizeof(what));
    if (err->code == ERR_NONE)
        log_debug(MODULE, "%s status=%d attempt=%d", what, answer->status, attempt);
    else
        log_debug(MODULE, "%s attempt=%d error=%s", what, attempt, err->message);
}

/* True when the loop of http_send has its result, which is then in *ok and err. */
static bool
try_once(HttpClient *client, HttpRequest *request, HttpAnswer *answer, int attempt,
         Transfer *transfer, bool *ok, Error *err)
{
    error_clear(err);
    *ok = (!transfer_must_stop(request) || transfer_fail_stopped(err)) &&
          (request->prepare == NULL || request->prepare(request->context, request, attempt, err));
    if (!*ok)
        return true;
    IdleHandle *handle = take_handle(client);
    transfer->handle = handle->handle;
    TransferEnd end = transfer_run(transfer, err);
    give_back(client, handle);
    log_attempt(request, answer, attempt, err);
    *ok = end == TRANSFER_ANSWERED;
    if (end == TRANSFER_FAILED)
        return true;
    return end == TRANSFER_ANSWERED && !is_worth_repeating(request, answer);
}

bool
http_send(HttpClient *client, HttpRequest *request, HttpAnswer *answer, Error *err)
{
    const HttpPolicy *policy = &client->policy;
    int attempts = request->once ? 1 : policy->attempts;
    bool ok = false;
    Error last = ERROR_INIT;

    answer->attempts = 0;
    for (int attempt = 1; attempt <= attempts; attempt++) {
        Transfer transfer = {.policy = policy, .request = request, .answer = answer};
        bool is_over = try_once(client, request, answer, attempt, &transfer, &ok, &last);
        if (is_over || attempt == attempts)
            break;
        ok = wait_between(request, pause_before(policy, attempt, transfer.retry_after_s), &last);
        if (!ok)
            break;
    }
    if (!ok && err->code == ERR_NONE)
        *err = last;
    return ok;
}

void
http_answer_free(HttpAnswer *answer)
{
    buffer_release(&answer->body);
    buffer_release(&answer->headers);
    *answer = (HttpAnswer){0};
}

/* ---- headers and texts ---- */

bool
http_header(const HttpAnswer *answer, const char *name, char *value, size_t size_bytes)
{
    const char *at = (const char *)answer->headers.data;
    const char *end = at == NULL ? NULL : at + answer->headers.size;
    size_t length = strlen(name);

    value[0] = '\0';
    while (at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        if ((size_t)(next - at) > length && memcmp(at, name, length) == 0 && at[length] == ':') {
            at += length + 1;
            at += strspn(at, " \t");
            snprintf(value, size_bytes, "%.*s", (int)(next - at), at);
            return true;
        }
        at = next + 1;
    }
    return false;
}

void
http_set_header(HttpRequest *request, const char *name, const char *value)
{
    size_t i = 0;

    while (i < request->n_headers && strcasecmp(request->headers[i].name, name) != 0)
        i++;
    if (i == HTTP_MAX_HEADERS)
        abort();
    request->headers[i] = (HttpHeader){.name = name, .value = value};
    if (i == request->n_headers)
        request->n_headers++;
}

void
http_encode(const char *text, bool keep_slash, Buffer *out)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (const char *at = text; *at != '\0'; at++) {
        if (strchr(PLAIN, *at) != NULL || (keep_slash && *at == '/'))
            buffer_append_byte(out, (uint8_t)*at);
        else
            buffer_append_format(out, "%%%02X", (unsigned)(unsigned char)*at);
    }
}
