#include "util/http_transfer.h"

#include <ctype.h>

#include "util/clock.h"
#include "util/interrupt.h"
#include "util/secret.h"

/* Publishing, all requests of it, may go on for so long after the user asked to stop (spec:
 * delivery §6 allows 10 s). */
enum { LAST_WORDS_MS = 8000, UPLOAD_BUFFER_BYTES = 256 * 1024, IDLE_CONNECTIONS = 2 };

bool
transfer_must_stop(const HttpRequest *request)
{
    if (request->is_cancelled != NULL && atomic_load(request->is_cancelled))
        return true;
    return interrupt_signal() != 0 &&
           (!request->runs_to_the_end || interrupt_age_ms() >= LAST_WORDS_MS);
}

bool
transfer_fail_stopped(Error *err)
{
    return interrupt_check(err) && error_set(err, ERR_INTERRUPTED, "given up");
}

static void
append_url_part(CURLU *url, CURLUPart part, const char *before, char *text, size_t size_bytes)
{
    char *found = NULL;
    size_t used = strlen(text);

    if (curl_url_get(url, part, &found, 0) == CURLUE_OK)
        snprintf(text + used, size_bytes - used, "%s%s", before, found);
    curl_free(found);
}

void
transfer_describe(const HttpRequest *request, char *text, size_t size_bytes)
{
    CURLU *url = curl_url();

    snprintf(text, size_bytes, "%s ", request->method);
    if (url != NULL &&
        curl_url_set(url, CURLUPART_URL, request->url, CURLU_PATH_AS_IS) == CURLUE_OK) {
        append_url_part(url, CURLUPART_SCHEME, "", text, size_bytes);
        append_url_part(url, CURLUPART_HOST, "://", text, size_bytes);
        append_url_part(url, CURLUPART_PORT, ":", text, size_bytes);
        if (!request->hides_path)
            append_url_part(url, CURLUPART_PATH, "", text, size_bytes);
    }
    curl_url_cleanup(url);
}

/* ---- what libcurl calls ---- */

static size_t
take_body(char *bytes, size_t size, size_t count, void *context)
{
    Transfer *transfer = context;
    Buffer *body = &transfer->answer->body;
    size_t limit = transfer->request->answer_limit_bytes;

    if (limit == 0)
        limit = HTTP_ANSWER_LIMIT_BYTES;
    transfer->is_too_large = size * count > limit - body->size;
    if (transfer->is_too_large)
        return 0;
    buffer_append(body, bytes, size * count);
    return size * count;
}

/* An interim answer (100) or one of a proxy comes first: the last one counts. */
static size_t
take_header(char *line, size_t size, size_t count, void *context)
{
    Transfer *transfer = context;
    Buffer *headers = &transfer->answer->headers;
    size_t length = size * count;
    bool is_name = true;

    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        buffer_reset(headers);
        return length;
    }
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        length--;
    for (size_t i = 0; i < length; i++) {
        is_name = is_name && line[i] != ':';
        buffer_append_byte(headers,
                           is_name ? (uint8_t)tolower((unsigned char)line[i]) : (uint8_t)line[i]);
    }
    if (length > 0)
        buffer_append_byte(headers, '\n');
    return size * count;
}

static int
watch(void *context, curl_off_t to_get, curl_off_t got, curl_off_t to_send, curl_off_t sent)
{
    Transfer *transfer = context;
    int64_t now_ms = clock_monotonic_ms();

    (void)to_get;
    (void)to_send;
    if (got + sent != transfer->moved_bytes) {
        transfer->moved_bytes = got + sent;
        transfer->moved_at_ms = now_ms;
    }
    transfer->is_interrupted = transfer_must_stop(transfer->request);
    transfer->is_stalled = now_ms - transfer->moved_at_ms >= transfer->policy->stall_timeout_ms;
    return transfer->is_interrupted || transfer->is_stalled;
}

static int
count_sent(CURL *handle, curl_infotype type, char *bytes, size_t size_bytes, void *context)
{
    static const char TO_PROXY[] = "CONNECT "; /* the server never sees it */
    size_t length = strlen(TO_PROXY);
    bool is_for_proxy = size_bytes >= length && memcmp(bytes, TO_PROXY, length) == 0;

    (void)handle;
    ((Transfer *)context)->sent_count += type == CURLINFO_HEADER_OUT && !is_for_proxy;
    return 0;
}

/* ---- setting up ---- */

static void
set_protocols(CURL *handle)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void
set_connection(const Transfer *transfer)
{
    const HttpPolicy *policy = transfer->policy;
    CURL *handle = transfer->handle;

    set_protocols(handle);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)policy->connect_timeout_ms);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)policy->total_timeout_ms);
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER_BYTES);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "rivet/" RIVET_VERSION);
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, transfer->request->once ? 1L : 0L);
    if (policy->ca_file != NULL)
        curl_easy_setopt(handle, CURLOPT_CAINFO, policy->ca_file);
    if (transfer->request->without_proxy)
        curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
}

static void
set_callbacks(Transfer *transfer)
{
    CURL *handle = transfer->handle;

    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->error_text);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, count_sent);
    curl_easy_setopt(handle, CURLOPT_DEBUGDATA, transfer);
}

static bool
has_header(const HttpRequest *request, const char *name)
{
    for (size_t i = 0; i < request->n_headers; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return true;
    return false;
}

static void
add_line(struct curl_slist **lines, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*lines, line);

    if (longer == NULL)
        abort();
    *lines = longer;
}

/* An empty value is written "name;" for libcurl; "name:" takes a header of its own away. */
static struct curl_slist *
header_lines(const HttpRequest *request)
{
    struct curl_slist *lines = NULL;
    Buffer line = {0};

    for (size_t i = 0; i < request->n_headers; i++) {
        const HttpHeader *header = &request->headers[i];
        bool is_empty = header->value[0] == '\0';
        buffer_reset(&line);
        buffer_append_format(&line, is_empty ? "%s;" : "%s: %s", header->name, header->value);
        add_line(&lines, buffer_text(&line));
    }
    buffer_release(&line);
    add_line(&lines, "Expect:");
    if (!has_header(request, "Content-Type"))
        add_line(&lines, "Content-Type:");
    return lines;
}

static void
set_request(const Transfer *transfer, struct curl_slist *lines)
{
    const HttpRequest *request = transfer->request;
    CURL *handle = transfer->handle;
    bool sends_length = request->body_bytes > 0 || strcmp(request->method, "PUT") == 0 ||
                        strcmp(request->method, "POST") == 0;

    curl_easy_setopt(handle, CURLOPT_URL, request->url);
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines);
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else if (sends_length) {
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
                         request->body == NULL ? "" : (const char *)request->body);
    }
    if (strcmp(request->method, "HEAD") != 0)
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
}

/* ---- what came of it ---- */

static const struct {
    CURLcode code;
    ErrorCode meaning;
    const char *hint;
} HOPELESS[] = {
    {CURLE_PEER_FAILED_VERIFICATION, ERR_CONFIG,
     "the server's certificate is not trusted: name its authority in ca_file"},
    {CURLE_SSL_CACERT_BADFILE, ERR_CONFIG, "check ca_file: it must hold PEM certificates"},
    {CURLE_URL_MALFORMAT, ERR_CONFIG, "check the address: scheme://host[:port]"},
    {CURLE_UNSUPPORTED_PROTOCOL, ERR_CONFIG, "the address must begin with http:// or https://"},
    {CURLE_COULDNT_RESOLVE_PROXY, ERR_CONFIG,
     "check the proxy named by the environment (https_proxy, http_proxy)"},
};

static TransferEnd
explain(const Transfer *transfer, CURLcode code, Error *err)
{
    ErrorCode meaning = ERR_UNAVAILABLE;
    TransferEnd end = TRANSFER_BROKEN;
    char what[512];
    char reason[CURL_ERROR_SIZE];

    transfer_describe(transfer->request, what, sizeof(what));
    snprintf(reason, sizeof(reason), "%s",
             transfer->error_text[0] != '\0' ? transfer->error_text : curl_easy_strerror(code));
    if (transfer->is_stalled)
        snprintf(reason, sizeof(reason), "timed out: no byte moved for %d ms",
                 transfer->policy->stall_timeout_ms);
    if (transfer->is_too_large) {
        snprintf(reason, sizeof(reason), "the answer is larger than expected");
        meaning = ERR_FORMAT;
        end = TRANSFER_FAILED;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(HOPELESS); i++) {
        if (HOPELESS[i].code == code) {
            meaning = HOPELESS[i].meaning;
            end = TRANSFER_FAILED;
            if (err->code == ERR_NONE)
                err->hint = HOPELESS[i].hint;
        }
    }
    redact_urls(reason);
    error_set(err, meaning, "%s: %s", what, reason);
    return end;
}

/* What a proxy says about itself, be it to CONNECT or in the place of an answer, is not the
 * server's. status: 407 also without CONNECT, since only proxies give it. */
static TransferEnd
explain_proxy(const Transfer *transfer, long status, Error *err)
{
    bool is_denied = status == 403 || status == 407;
    char what[512];

    transfer_describe(transfer->request, what, sizeof(what));
    error_set(err, is_denied ? ERR_DENIED : ERR_UNAVAILABLE,
              "%s: the proxy refuses the connection with status %ld", what, status);
    if (status == 407)
        err->hint = "name user and password in the proxy's address (https_proxy, http_proxy): "
                    "http://user:password@host:port";
    else if (status == 403)
        err->hint = "let the proxy (https_proxy) pass this host, or name the host in no_proxy";
    return is_denied ? TRANSFER_FAILED : TRANSFER_BROKEN;
}

static TransferEnd
judge(Transfer *transfer, CURLcode code, Error *err)
{
    long status = 0;
    long proxy_status = 0;
    curl_off_t retry_after = 0;

    if (transfer->is_interrupted) {
        transfer_fail_stopped(err);
        return TRANSFER_FAILED;
    }
    curl_easy_getinfo(transfer->handle, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (code != CURLE_OK)
        return proxy_status >= 300 ? explain_proxy(transfer, proxy_status, err)
                                   : explain(transfer, code, err);
    curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    if (status == 407)
        return explain_proxy(transfer, status, err);
    curl_easy_getinfo(transfer->handle, CURLINFO_RETRY_AFTER, &retry_after);
    transfer->answer->status = (int)status;
    transfer->retry_after_s = (long)retry_after;
    buffer_text(&transfer->answer->body);
    buffer_text(&transfer->answer->headers);
    return TRANSFER_ANSWERED;
}

TransferEnd
transfer_run(Transfer *transfer, Error *err)
{
    struct curl_slist *lines = header_lines(transfer->request);

    transfer->answer->status = 0;
    buffer_reset(&transfer->answer->body);
    buffer_reset(&transfer->answer->headers);
    transfer->moved_at_ms = clock_monotonic_ms();
    set_connection(transfer);
    set_callbacks(transfer);
    set_request(transfer, lines);
    CURLcode code = curl_easy_perform(transfer->handle);
    transfer->answer->attempts += transfer->sent_count;
    TransferEnd end = judge(transfer, code, err);
    curl_easy_reset(transfer->handle); /* it must not keep pointers into transfer */
    curl_slist_free_all(lines);
    return end;
}
