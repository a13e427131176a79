/* One request to the store, and what its refusals mean to the user. */
#include <ctype.h>

#include <jansson.h>

#include "destination/gcs/gcs.h"

enum { REASON_BYTES = 64, DETAIL_BYTES = 320 };

#define GRANT(permissions)                                                                         \
    "grant the account " permissions " on the bucket (role roles/storage.objectUser)"

static const struct {
    const char *words;
    const char *permission;
    const char *denied_hint;
} ACTIONS[] = {
    [GCS_START] = {"start the upload of", "storage.objects.create",
                   GRANT("storage.objects.create")},
    [GCS_SEND] = {"upload", "storage.objects.create", GRANT("storage.objects.create")},
    [GCS_PUBLISH] = {"publish", "storage.objects.create",
                     GRANT("storage.objects.create") ", then run the same command again"},
    [GCS_CANCEL] = {"cancel the upload of", "storage.objects.create",
                    GRANT("storage.objects.create")},
    [GCS_LOOK] = {"look at", "storage.objects.get",
                  GRANT("storage.objects.get and storage.objects.list")},
    [GCS_LIST] = {"look for", "storage.objects.list", GRANT("storage.objects.list")},
    [GCS_READ] = {"read", "storage.objects.get", GRANT("storage.objects.get")},
    [GCS_REMOVE] = {"remove", "storage.objects.delete", GRANT("storage.objects.delete")},
    [GCS_PUT] = {"write", "storage.objects.create",
                 GRANT("storage.objects.create and storage.objects.delete")},
};

/* ---- refusals ---- */

typedef struct Refusal {
    char reason[REASON_BYTES]; /* "forbidden", "notFound"; may be empty */
    char detail[DETAIL_BYTES]; /* the service's sentence */
} Refusal;

/* Printable and on one line. */
static void
copy_plain(char *to, size_t size_bytes, const char *from)
{
    snprintf(to, size_bytes, "%s", from == NULL ? "" : from);
    for (char *at = to; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            *at = ' ';
    for (size_t length = strlen(to); length > 0 && (to[length - 1] == ' ' || to[length - 1] == '.');
         length--)
        to[length - 1] = '\0';
}

/* Downloads are refused in plain text. Of other requests it would be some server between, which may
 * show the URL it was sent: that of a session is a secret. */
static void
read_refusal(const HttpAnswer *answer, bool takes_plain_text, Refusal *refusal)
{
    json_t *root = json_loadb((const char *)answer->body.data, answer->body.size, 0, NULL);
    const json_t *error = json_object_get(root, "error");
    const json_t *first = json_array_get(json_object_get(error, "errors"), 0);
    const char *detail = json_string_value(json_object_get(error, "message"));

    copy_plain(refusal->reason, sizeof(refusal->reason),
               json_string_value(json_object_get(first, "reason")));
    if (detail == NULL && root == NULL && takes_plain_text && answer->body.size > 0 &&
        answer->body.data[0] != '<')
        detail = (const char *)answer->body.data;
    copy_plain(refusal->detail, sizeof(refusal->detail), detail);
    json_decref(root);
}

static bool
is_among(const char *const *words, const char *word)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

/* A 403 too is how Google says "slower". */
static bool
is_too_fast(int status, const Refusal *refusal)
{
    static const char *const REASONS[] = {"rateLimitExceeded", "userRateLimitExceeded", NULL};

    return status == 403 && is_among(REASONS, refusal->reason);
}

/* ---- sending ---- */

typedef struct Authorization {
    GcsDestination *dest;
    Buffer header; /* of the present attempt */
    bool was_refused;
    bool is_renewed;
} Authorization;

static bool
authorize(void *context, HttpRequest *request, int attempt, Error *err)
{
    Authorization *authorization = context;
    Buffer *header = &authorization->header;
    bool renews = authorization->was_refused && !authorization->is_renewed;

    (void)attempt;
    if (!gcs_credentials_header(authorization->dest->credentials, renews, header, err))
        return error_add_context(err, "bucket=%s", authorization->dest->base.config->bucket);
    authorization->is_renewed |= renews;
    if (header->size > 0)
        http_set_header(request, "Authorization", buffer_text(header));
    return true;
}

/* A token can end, or be withdrawn, before its time: a fresh one is worth one more try. */
static bool
is_worth_a_new_token(Authorization *authorization, const HttpAnswer *answer)
{
    if (answer->status != 401 || authorization->was_refused || authorization->header.size == 0)
        return false;
    authorization->was_refused = true;
    return true;
}

static bool
should_retry(void *context, const HttpAnswer *answer)
{
    Refusal refusal;

    if (answer->status != 403)
        return is_worth_a_new_token(context, answer);
    read_refusal(answer, false, &refusal);
    return is_too_fast(answer->status, &refusal);
}

bool
gcs_send(GcsDestination *dest, HttpRequest *request, HttpAnswer *answer, Error *err)
{
    Authorization authorization = {.dest = dest};

    request->prepare = authorize;
    request->should_retry = should_retry;
    request->context = &authorization;
    bool ok = http_send(dest->http, request, answer, err);
    buffer_release(&authorization.header);
    return ok;
}

/* ---- what they mean ---- */

/* The permission that the service itself names, else the one the action takes. */
static void
find_permission(const Refusal *refusal, GcsAction action, char *text, size_t size_bytes)
{
    const char *at = strstr(refusal->detail, "storage.");
    size_t length =
        at == NULL ? 0 : strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.");

    while (length > 0 && at[length - 1] == '.')
        length--;
    if (length > strlen("storage."))
        snprintf(text, size_bytes, "%.*s", (int)length, at);
    else
        snprintf(text, size_bytes, "%s", ACTIONS[action].permission);
}

/* A 401 says that of who is not known at all; of anonymous requests the service says more. Other
 * reasons of a 403 (a retention policy, a disabled account) are in the service's own words. */
static bool
lacks_permission(int status, const Refusal *refusal)
{
    static const char *const REASONS[] = {"", "forbidden", "insufficientPermissions", NULL};

    return (status == 403 && is_among(REASONS, refusal->reason)) ||
           (status == 401 && strstr(refusal->detail, "storage.") != NULL);
}

static ErrorCode
code_of(int status, const Refusal *refusal)
{
    if (is_too_fast(status, refusal))
        return ERR_UNAVAILABLE;
    if (status == 401 || status == 403)
        return ERR_DENIED;
    /* 404 here: the bucket, or a session that ended. */
    if (status == 404 || status == 408 || status == 409 || status == 410 || status == 429 ||
        status >= 500)
        return ERR_UNAVAILABLE;
    return ERR_IO;
}

static void
display_name(const GcsDestination *dest, const char *name, char *text, size_t size_bytes)
{
    snprintf(text, size_bytes, "gs://%s/%s", dest->base.config->bucket, name);
}

bool
gcs_refuse(const GcsDestination *dest, GcsAction action, const char *name, const HttpAnswer *answer,
           Error *err)
{
    Refusal refusal;
    char where[512];
    char missing[96] = "";

    read_refusal(answer, action == GCS_READ, &refusal);
    display_name(dest, name, where, sizeof(where));
    if (lacks_permission(answer->status, &refusal)) {
        char permission[64];
        find_permission(&refusal, action, permission, sizeof(permission));
        snprintf(missing, sizeof(missing), "; missing permission %s", permission);
        if (err->code == ERR_NONE)
            err->hint = ACTIONS[action].denied_hint;
    } else if (answer->status == 401 && err->code == ERR_NONE) {
        err->hint = "the store does not accept these credentials: log in again, or use others";
    }
    return error_set(err, code_of(answer->status, &refusal), "cannot %s '%s': HTTP %d%s%s%s%s%s",
                     ACTIONS[action].words, where, answer->status,
                     refusal.reason[0] == '\0' ? "" : " ", refusal.reason,
                     refusal.detail[0] == '\0' ? "" : ": ", refusal.detail, missing);
}

bool
gcs_fail(const GcsDestination *dest, GcsAction action, const char *name, ErrorCode code,
         const char *why, Error *err)
{
    char where[512];

    display_name(dest, name, where, sizeof(where));
    return error_set(err, code, "cannot %s '%s': %s", ACTIONS[action].words, where, why);
}

bool
gcs_fail_bucket(const GcsDestination *dest, Error *err)
{
    if (err->code == ERR_NONE)
        err->hint = "check the name of the bucket, its project and the endpoint; rivet creates no "
                    "bucket";
    return error_set(err, ERR_UNAVAILABLE, "the bucket 'gs://%s' was not found (HTTP 404)",
                     dest->base.config->bucket);
}
