/* sign.h: AWS Signature Version 4, over a request that is complete but for its Authorization.
 *
 * Pure     no clock, no environment: the same input gives the same text.
 * Source   https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
#ifndef RIVET_DESTINATION_S3_SIGN_H
#define RIVET_DESTINATION_S3_SIGN_H

#include "util/http.h"
#include "util/secret.h"

enum { SIGN_TIME_BYTES = 17 }; /* "20130524T000000Z" and a NUL */

typedef struct SignInput {
    const char *method;
    const char *path;  /* encoded as it is sent */
    const char *query; /* encoded, sorted by name, "name=value" each; "" for none */
    const char *host;  /* as libcurl sends it: with the port unless it is the scheme's own */
    const HttpHeader *headers; /* all of them are signed, in any order */
    size_t n_headers;
    const char *payload_hash; /* hex of SHA-256, or UNSIGNED-PAYLOAD */
    const char *timestamp;    /* of x-amz-date, which must be among the headers */
    const char *region;
    const char *service;
    const char *access_key;
    Secret secret_key;
} SignInput;

/* The value of the Authorization header, appended. */
void sign_request(const SignInput *input, Buffer *authorization);

void sign_timestamp(int64_t at_us, char text[SIGN_TIME_BYTES]);

#endif
