/* credentials.h: who rivet is to Google, found the way Google's own tools find it.
 *
 * Order   allow_anonymous · credentials_file · the file at GOOGLE_APPLICATION_CREDENTIALS ·
 * gcloud's application_default_credentials.json · the metadata server of the machine. The first
 * that is there counts; one that is there and cannot be used is an error, never skipped. Token
 * fetched when found, so that a wrong key costs no row; again some minutes before it ends, and when
 * the store refuses it. A failed refresh is an error only once the old one ended. Threads any.
 * Secrets a token leaves through the header alone; what a token endpoint answers is never shown.
 * Source  spec: behaviour §22.4; https://cloud.google.com/docs/authentication */
#ifndef RIVET_DESTINATION_GCS_CREDENTIALS_H
#define RIVET_DESTINATION_GCS_CREDENTIALS_H

#include "config/config.h"
#include "util/buffer.h"
#include "util/error.h"
#include "util/http.h"

typedef struct GcsCredentials GcsCredentials;

/* Errors: ERR_CONFIG (none found, a file of no use), ERR_DENIED (refused), ERR_UNAVAILABLE. */
MUST_USE bool gcs_credentials_find(const DestinationConfig *config, HttpClient *http,
                                   GcsCredentials **out, Error *err);
void gcs_credentials_free(GcsCredentials *credentials); /* NULL is fine */

/* The value of the Authorization header; empty for anonymous. was_refused: the store refused what
 * header holds; if that still is the token of the day, a new one is fetched. */
MUST_USE bool gcs_credentials_header(GcsCredentials *credentials, bool was_refused, Buffer *header,
                                     Error *err);

#endif
