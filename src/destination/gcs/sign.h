/* sign.h: what tokens need of OpenSSL, whose own error.h does not go with ours. */
#ifndef RIVET_DESTINATION_GCS_SIGN_H
#define RIVET_DESTINATION_GCS_SIGN_H

#include "util/buffer.h"

void gcs_append_base64(Buffer *out, const void *bytes, size_t size_bytes);
void gcs_append_base64url(Buffer *out, const void *bytes, size_t size_bytes); /* no padding */

typedef enum GcsSigned { GCS_SIGNED, GCS_NO_RSA_KEY, GCS_NOT_SIGNED } GcsSigned;

/* RS256 of everything in text by the PEM key: '.' and the signature in base64url are added. */
GcsSigned gcs_append_signature(Buffer *text, const char *pem);

#endif
