/* gcs.h: parts as objects of one Google Cloud Storage bucket, through the JSON API.
 *
 * A part is a resumable session that is opened with `ifGenerationMatch=0` and the nonce in the
 * object's metadata. Bytes go up in multiples of 256 KiB; the last 1 to 262,144 are kept back by
 * seal and become the final request, which makes the object visible whole. A key that got an object
 * in between answers 412, so nothing is ever overwritten.
 *
 * Whose is the object under a key? Ours if its nonce is and, once the part was sealed, its size.
 *
 * The session's URI (UploadRef.reference) lets anyone finish the upload: it is a secret.
 * A request whose answer is lost may be sent again: the store ignores bytes it already has, answers
 * a finished session with its object, and tells in a 308 how far it got.
 *
 * Files    call.c one authorised request, and what a refusal means to the user; object.c what is
 *          known of an object; session.c one resumable upload; upload.c, publish.c, read.c the
 *          driver's steps; credentials.h tokens.
 * Source   spec: delivery §2, §3, §6; behaviour §22.4;
 *          https://cloud.google.com/storage/docs/performing-resumable-uploads */
#ifndef RIVET_DESTINATION_GCS_GCS_H
#define RIVET_DESTINATION_GCS_GCS_H

#include "destination/destination.h"
#include "destination/gcs/credentials.h"
#include "util/http.h"

enum { GCS_UNIT_BYTES = 256 * 1024, GCS_NAME_MAX_BYTES = 1024 };

extern const DestinationDriver GCS_DRIVER;

typedef struct GcsDestination {
    Destination base;
    HttpClient *http;
    GcsCredentials *credentials;
    char *root;        /* "https://storage.googleapis.com", or the endpoint; no '/' at its end */
    char *bucket_path; /* "/storage/v1/b/<bucket>/o" */
    bool has_endpoint;
    size_t part_bytes; /* a multiple of GCS_UNIT_BYTES */
} GcsDestination;

/* Below the prefix, as the bucket names it. The caller frees it. */
char *gcs_object_name(const GcsDestination *dest, const char *key);

/* ---- call.c ---- */

/* What was tried: words for the error, and the permission it takes. */
typedef enum GcsAction {
    GCS_START,
    GCS_SEND,
    GCS_PUBLISH,
    GCS_CANCEL,
    GCS_LOOK,
    GCS_LIST,
    GCS_READ,
    GCS_REMOVE,
    GCS_PUT,
} GcsAction;

/* Sends with a token, asks once more with a fresh one after a 401. answer as in http_send. */
MUST_USE bool gcs_send(GcsDestination *dest, HttpRequest *request, HttpAnswer *answer, Error *err);
/* "cannot <action> 'gs://bucket/name': HTTP 403 forbidden: …"; always false. */
bool gcs_refuse(const GcsDestination *dest, GcsAction action, const char *name,
                const HttpAnswer *answer, Error *err);
/* The same for a failure that is no refusal. */
bool gcs_fail(const GcsDestination *dest, GcsAction action, const char *name, ErrorCode code,
              const char *why, Error *err);
/* The bucket is not there; always false. */
bool gcs_fail_bucket(const GcsDestination *dest, Error *err);

/* ---- object.c ---- */

enum { GCS_CHECK_BYTES = 24 };

typedef struct GcsObject {
    bool exists;
    uint64_t size_bytes;
    char nonce[NONCE_HEX_BYTES]; /* empty: not written by rivet */
    char check[GCS_CHECK_BYTES]; /* as gcs_check_text; empty: the store gives none */
    char generation[24];
} GcsObject;

/* "crc32c=<base64>", what UploadRef.store_check holds. */
void gcs_check_text(uint32_t crc32c, char text[GCS_CHECK_BYTES]);
/* Of the object, with a query ("?alt=media") behind; the caller frees it. */
char *gcs_object_url(const GcsDestination *dest, const char *name, const char *query);
/* False: the answer's body is no object. */
bool gcs_object_parse(const HttpAnswer *answer, GcsObject *out);
/* Only certain knowledge: exists is false when the object is missing in a bucket that answers. */
MUST_USE bool gcs_object_look(GcsDestination *dest, const char *name, bool runs_to_the_end,
                              GcsObject *out, Error *err);
/* Exactly this generation; one that is gone already is fine. */
MUST_USE bool gcs_object_remove(GcsDestination *dest, const char *name, const GcsObject *object,
                                Error *err);
bool gcs_object_is_ours(const GcsObject *object, const UploadRef *ref);

/* ---- session.c ---- */

/* Bytes of a session: [offset, offset + size_bytes) of total_bytes. */
typedef struct GcsPiece {
    const uint8_t *bytes;
    size_t size_bytes;
    uint64_t offset;
    bool is_last; /* total_bytes is known, and these are the last */
    uint64_t total_bytes;
    const char *check; /* last piece: "crc32c=…", which the store compares before it publishes */
} GcsPiece;

/* Opens a session for ref's key and nonce, its URI into ref->reference. */
MUST_USE bool gcs_session_start(GcsDestination *dest, UploadRef *ref, Error *err);
/* One request. Any status is an answer. */
MUST_USE bool gcs_session_put(GcsDestination *dest, const char *session, const GcsPiece *piece,
                              HttpAnswer *answer, Error *err);
/* How many bytes a 308 says the store has. */
bool gcs_session_progress(const HttpAnswer *answer, uint64_t *persisted_bytes);
/* Until all of the piece is acknowledged; never the last one. */
MUST_USE bool gcs_session_append(GcsDestination *dest, const char *session, const char *name,
                                 const GcsPiece *piece, Error *err);
/* Until the store says that the session is gone. *is_stopped false: it refuses, as it may do for
 * one that has finished. */
MUST_USE bool gcs_session_cancel(GcsDestination *dest, const char *session, const char *name,
                                 bool *is_stopped, Error *err);

/* ---- the driver's steps ---- */

bool gcs_open(Destination *dest, UploadRef *ref, Upload **out, Error *err);
bool gcs_write(Upload *up, const void *bytes, size_t size_bytes, Error *err);
bool gcs_seal(Upload *up, UploadRef *ref, Error *err);
void gcs_release(Upload *up);
bool gcs_publish(Destination *dest, const UploadRef *ref, PublishResult *out, Error *err);
bool gcs_probe(Destination *dest, const UploadRef *ref, ProbeResult *out, Error *err);
bool gcs_abort(Destination *dest, const UploadRef *ref, Error *err);
bool gcs_open_read(Destination *dest, const UploadRef *ref, Readable *out, Error *err);

#endif
