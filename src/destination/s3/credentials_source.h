/* credentials_source.h: the places that give keys, inside credentials*.c only.
 *
 * Each fills *out with texts in arena, or fails naming the place and the way out. */
#ifndef RIVET_DESTINATION_S3_CREDENTIALS_SOURCE_H
#define RIVET_DESTINATION_S3_CREDENTIALS_SOURCE_H

#include <jansson.h>

#include "destination/s3/credentials.h"
#include "destination/s3/profile.h"
#include "util/environment.h"

/* What looking needs. */
typedef struct KeySearch {
    HttpClient *http;
    const ProfileFiles *files;
    const char *region; /* for STS and SSO; may be NULL */
    Arena *arena;
} KeySearch;

/* credentials_profile.c; depth: of source_profile within source_profile, from 0. */
MUST_USE bool keys_of_profile(const KeySearch *search, const char *name, int depth, Keys *out,
                              Error *err);
/* AWS_ACCESS_KEY_ID and its companions; false without an error when they are not set. */
bool keys_of_environment(const KeySearch *search, Keys *out);

/* credentials_sts.c */
typedef struct RoleRequest {
    const char *role_arn;
    const char *session_name; /* NULL: made up */
    const char *external_id;  /* NULL: none */
    const char *duration_s;   /* NULL: the service's default */
} RoleRequest;
MUST_USE bool keys_of_role(const KeySearch *search, const RoleRequest *role, const Keys *with,
                           Keys *out, Error *err);
MUST_USE bool keys_of_web_identity(const KeySearch *search, const RoleRequest *role,
                                   const char *token_file, Keys *out, Error *err);

/* credentials_sso.c: the token that `aws sso login` left. */
MUST_USE bool keys_of_sso(const KeySearch *search, const char *profile, Keys *out, Error *err);
/* credentials_process.c */
MUST_USE bool keys_of_process(const KeySearch *search, const char *command, Keys *out, Error *err);

/* credentials_metadata.c: ECS and EKS containers, EC2 instances. */
bool keys_has_container(void);
MUST_USE bool keys_of_container(const KeySearch *search, Keys *out, Error *err);
/* *is_found false without an error: no metadata service answers within two seconds, or the instance
 * has no role. */
MUST_USE bool keys_of_instance(const KeySearch *search, bool *is_found, Keys *out, Error *err);

/* ---- credentials_parse.c ---- */

/* The names of a JSON document; session and expiry may be missing. */
typedef struct KeyNames {
    const char *access_key, *secret_key, *session_token, *expiry;
} KeyNames;
MUST_USE bool keys_from_json(const json_t *object, const KeyNames *names, Arena *arena, Keys *out);
/* A small file as text without white space around it; NULL when it cannot be read. */
const char *keys_read_file(const char *path, Arena *arena);

#endif
