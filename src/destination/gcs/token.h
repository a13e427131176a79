/* token.h: one file per kind of identity, each of which knows how to get a token; inside token*.c
 * and credentials.c only. */
#ifndef RIVET_DESTINATION_GCS_TOKEN_H
#define RIVET_DESTINATION_GCS_TOKEN_H

#include <jansson.h>

#include "util/buffer.h"
#include "util/error.h"
#include "util/http.h"

#define GCS_SCOPE_STORAGE "https://www.googleapis.com/auth/devstorage.read_write"
#define GCS_SCOPE_PLATFORM                                                                         \
    "https://www.googleapis.com/auth/cloud-platform" /* to become another                          \
                                                      */

/* A parsed credentials file, or nothing but the clients for the metadata server. */
typedef struct GcsIdentity {
    HttpClient *http;
    HttpClient *metadata_http; /* short time-outs, no proxy */
    int *metadata_status;      /* takes the status of its last answer; 0: none came */
    const char *path;          /* for messages; NULL: no file */
    const json_t *file;
    const char *scope;
} GcsIdentity;

typedef struct GcsToken {
    char *text; /* the holder frees it */
    int64_t lifetime_s;
} GcsToken;

typedef struct GcsTokenSource {
    const char *type; /* as a credentials file spells it */
    bool (*fetch)(const GcsIdentity *identity, GcsToken *out, Error *err);
} GcsTokenSource;

extern const GcsTokenSource GCS_TOKEN_SERVICE_ACCOUNT;
extern const GcsTokenSource GCS_TOKEN_USER;
extern const GcsTokenSource GCS_TOKEN_EXTERNAL;
extern const GcsTokenSource GCS_TOKEN_IMPERSONATED;
extern const GcsTokenSource GCS_TOKEN_METADATA;

/* By the type of a file; NULL with an error that names the known ones. */
const GcsTokenSource *gcs_token_source(const GcsIdentity *identity, Error *err);

/* ---- token.c ---- */

/* A text of the file; missing or empty: an error naming it. */
MUST_USE bool gcs_token_field(const GcsIdentity *identity, const char *name, const char **out,
                              Error *err);
const char *gcs_token_optional(const GcsIdentity *identity, const char *name, const char *standard);

/* "name=value" of a form, encoded. */
void gcs_token_form(Buffer *form, const char *name, const char *value);
/* A form or JSON to an endpoint; its JSON answer, which the caller releases. */
MUST_USE bool gcs_token_ask(const GcsIdentity *identity, HttpRequest *request, json_t **out,
                            Error *err);
/* The usual pair: access_token, expires_in. */
MUST_USE bool gcs_token_post_form(const GcsIdentity *identity, const char *url, const Buffer *form,
                                  const char *authorization, GcsToken *out, Error *err);
MUST_USE bool gcs_token_take(const json_t *answer, GcsToken *out, Error *err);

/* token_impersonated.c: a token of the account behind url, asked for with *token, in its place. */
MUST_USE bool gcs_token_impersonate(const GcsIdentity *identity, const char *url, GcsToken *token,
                                    Error *err);

#endif
