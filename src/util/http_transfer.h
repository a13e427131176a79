/* http_transfer.h: one attempt of a request on one libcurl handle, inside http*.c only.
 *
 * Thread  whoever took the handle from the client's pool. */
#ifndef RIVET_UTIL_HTTP_TRANSFER_H
#define RIVET_UTIL_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "util/http.h"

typedef enum TransferEnd {
    TRANSFER_ANSWERED,
    TRANSFER_BROKEN, /* no whole answer; another attempt may get one */
    TRANSFER_FAILED, /* no other attempt can change that, or the user wants to stop */
} TransferEnd;

/* An attempt and what became of it. Set the first four; the rest starts zeroed. */
typedef struct Transfer {
    CURL *handle;
    const HttpPolicy *policy; /* without zeros */
    const HttpRequest *request;
    HttpAnswer *answer;
    int64_t moved_at_ms;
    curl_off_t moved_bytes;
    long retry_after_s;
    int sent_count; /* libcurl repeats a request by itself when an idle connection was dead */
    bool is_stalled;
    bool is_interrupted;
    bool is_too_large;
    char error_text[CURL_ERROR_SIZE];
} Transfer;

TransferEnd transfer_run(Transfer *transfer, Error *err);

/* True when the request must end because the user asked to stop, or who sent it gave it up. */
bool transfer_must_stop(const HttpRequest *request);
/* Sets err to that. Returns false. */
bool transfer_fail_stopped(Error *err);

/* "PUT https://host/path", without user, query and fragment. */
void transfer_describe(const HttpRequest *request, char *text, size_t size_bytes);

#endif
