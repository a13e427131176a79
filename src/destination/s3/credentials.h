/* credentials.h: AWS keys, found where AWS's own tools find them, and kept fresh.
 *
 * Order    allow_anonymous: none · access_key_env + secret_key_env (+ session_token_env) ·
 *          aws_profile · environment · shared files · web identity · container · instance. The
 *          first place that is set up decides: one that fails is an error, not a reason to look on.
 *          role_arn of the destination is assumed with what was found.
 * Profile  a role with source_profile or credential_source, or a web identity token; a cached SSO
 *          token; keys; credential_process.
 * Refresh  keys with an expiry are fetched again five minutes before it, or when a store says that
 *          they are expired. While they still serve, a failed refresh is forgiven.
 * Threads  any.
 * Secrets  keys never appear in an error or a log line.
 * Source   spec: behaviour §22.3;
 *          https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
#ifndef RIVET_DESTINATION_S3_CREDENTIALS_H
#define RIVET_DESTINATION_S3_CREDENTIALS_H

#include "config/config.h"
#include "util/arena.h"
#include "util/http.h"
#include "util/secret.h"

typedef struct Credentials Credentials;

/* Texts live in the arena they were made in. */
typedef struct Keys {
    const char *access_key;
    Secret secret_key;
    Secret session_token; /* may be unset */
    int64_t expires_us;   /* 0: never */
} Keys;

/* Finds region and source; asks nobody yet. config and http must outlive it. */
MUST_USE bool credentials_create(const DestinationConfig *config, HttpClient *http,
                                 Credentials **out, Error *err);
void credentials_free(Credentials *credentials); /* NULL is fine */

/* Of `region`, AWS_REGION, AWS_DEFAULT_REGION or the profile; NULL when none says. */
const char *credentials_region(const Credentials *credentials);
bool credentials_are_anonymous(const Credentials *credentials);

/* Keys that serve now, copied into arena. */
MUST_USE bool credentials_get(Credentials *credentials, Arena *arena, Keys *out, Error *err);
/* The store refused this access key as expired: the next get fetches new ones. */
void credentials_expire(Credentials *credentials, const char *access_key);

#endif
