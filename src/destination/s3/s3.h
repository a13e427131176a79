/* s3.h: parts as objects of a bucket, each one a multipart upload.
 *
 * open     CreateMultipartUpload with the nonce as metadata: nothing is visible, and whatever
 *          becomes visible later carries the proof whose it is.
 * write    fills a buffer; full buffers go out as upload parts, several at a time, while the next
 *          one fills (upload.c).
 * seal     all upload parts acknowledged. UploadRef.reference then holds what completing needs.
 * publish  CompleteMultipartUpload with If-None-Match: *. Only a definite answer counts: what may
 *          or may not have happened is asked again, and where the upload is gone the key is read
 *          (publish.c).
 * Whose    an object is ours when its x-amz-meta-rivet-part is the nonce and its size the part's.
 *
 * Keys     `prefix` as it is, then the part's key; any UTF-8. The key given to open is final.
 * Address  path style with path_style, with an endpoint, and where the bucket's name holds a dot;
 *          else the bucket is in the host. An endpoint whose host begins with the bucket's name and
 *          a dot has it there already.
 * Source   spec: delivery §2, §3, §6; https://docs.aws.amazon.com/AmazonS3/latest/API/ */
#ifndef RIVET_DESTINATION_S3_S3_H
#define RIVET_DESTINATION_S3_S3_H

#include <stdatomic.h>

#include "destination/destination.h"
#include "destination/s3/credentials.h"
#include "util/http.h"

extern const DestinationDriver S3_DRIVER;

enum {
    S3_PARTS_MAX = 10000,
    S3_ETAG_BYTES = 128,
    S3_CODE_BYTES = 64,
    S3_CRC_BYTES = 9, /* base64 of four bytes */
};

typedef struct S3Address {
    char *base;       /* "https://host[:port]" */
    const char *host; /* points into base; as it is signed */
    char *path;       /* "/bucket" encoded, or "" */
    bool is_secure;
} S3Address;

typedef struct S3Destination {
    Destination base;
    HttpClient *http;
    Credentials *credentials;
    S3Address address;
    char *region;
    bool uses_crc; /* SSE-KMS: an ETag is no MD5 there, CRC32C takes its place */
} S3Destination;

/* ---- address.c ---- */

MUST_USE bool s3_address_init(const DestinationConfig *config, const char *region, S3Address *out,
                              Error *err);
void s3_address_release(S3Address *address);

/* ---- request.c: signed requests ---- */

typedef struct S3Call {
    const char *method;
    const char *key;   /* below the destination, without its prefix; NULL: the bucket itself */
    const char *query; /* encoded and sorted; NULL: none */
    HttpHeader headers[HTTP_MAX_HEADERS - 8];
    size_t n_headers;
    const void *body;
    size_t body_bytes;
    size_t answer_limit_bytes; /* 0: the HTTP layer's */
    bool runs_to_the_end;
    const atomic_bool *is_cancelled; /* of HttpRequest */
    /* More to repeat than a busy store; NULL: nothing. */
    bool (*should_retry)(const HttpAnswer *answer);
    /* For errors: "write", and the permission it takes. */
    const char *purpose;
    const char *permission;
} S3Call;

/* True for any whole answer. answer must be zeroed. */
MUST_USE bool s3_send(S3Destination *dest, const S3Call *call, HttpAnswer *answer, Error *err);
void s3_add_header(S3Call *call, const char *name, const char *value); /* value NULL: none */
/* Encryption headers of the configuration, for what creates an object. */
void s3_add_encryption(const S3Destination *dest, S3Call *call);
/* Whether what the store refused is worth repeating, by the code of its error document. */
typedef enum S3Repeat {
    S3_FINAL,
    S3_BUSY,
    S3_EXPIRED, /* with new keys */
} S3Repeat;
S3Repeat s3_code_repeat(const char *code);
/* Code of an error document, whatever the status; "" when the body is none. */
void s3_answer_code(const HttpAnswer *answer, char code[S3_CODE_BYTES]);
/* Sets err from an answer that is not what the call wanted. Returns false. */
bool s3_fail(const S3Destination *dest, const S3Call *call, const HttpAnswer *answer, Error *err);
/* "s3://bucket/prefix" and the key. */
void s3_display(const Destination *dest, const char *key, char *text, size_t size_bytes);

/* ---- xml.c ---- */

typedef struct S3Document S3Document; /* a parsed answer */

/* NULL when the bytes are no XML. */
S3Document *s3_document_parse(const HttpAnswer *answer);
void s3_document_free(S3Document *document); /* NULL is fine */
bool s3_document_is(const S3Document *document, const char *root);
/* Text of the first element of that name, at any depth; "" and false when there is none. */
bool s3_document_text(const S3Document *document, const char *name, char *text, size_t size_bytes);
/* Calls visit for each element of that name with its children's texts by s3_element_text; stops
 * when visit returns false, and returns what it returned last. */
typedef struct S3Element S3Element;
bool s3_document_each(const S3Document *document, const char *name,
                      bool (*visit)(void *context, const S3Element *element), void *context);
bool s3_element_text(const S3Element *element, const char *name, char *text, size_t size_bytes);

/* ---- multipart.c: the calls of a multipart upload ---- */

/* One upload part as the store acknowledged it. */
typedef struct S3UploadPart {
    char etag[S3_ETAG_BYTES]; /* with its quotes, as it came */
    char crc[S3_CRC_BYTES];   /* "" without CRC32C */
    bool is_md5;              /* the ETag is the MD5 of what was sent */
} S3UploadPart;

/* upload_id must have REFERENCE_BYTES. attempts > 1: there may be another one of that key. */
MUST_USE bool s3_multipart_create(S3Destination *dest, const char *key, const char *nonce,
                                  char *upload_id, int *attempts, Error *err);
/* "uploadId=<encoded>" */
void s3_append_upload_id(Buffer *query, const char *upload_id);
MUST_USE bool s3_multipart_send(S3Destination *dest, const char *key, const char *upload_id,
                                int number, const void *bytes, size_t size_bytes,
                                const atomic_bool *is_cancelled, S3UploadPart *out, Error *err);
/* All acknowledged parts, in order; *out is the caller's to free. *is_gone: NoSuchUpload. */
MUST_USE bool s3_multipart_list_parts(S3Destination *dest, const char *key, const char *upload_id,
                                      S3UploadPart **out, size_t *count, bool *is_gone, Error *err);
/* Aborts every multipart upload of exactly that key except one (NULL: none) until the store lists
 * no other. */
MUST_USE bool s3_multipart_abort_all(S3Destination *dest, const char *key, const char *except_id,
                                     Error *err);

/* ---- reference.c: UploadRef.reference, "<upload id>[ <count>[ <etag>[:<crc>]…]]" ---- */

typedef struct S3Reference {
    char upload_id[REFERENCE_BYTES];
    size_t count;        /* 0 before seal */
    S3UploadPart *parts; /* NULL when they did not fit: the store lists them */
} S3Reference;

MUST_USE bool s3_reference_write(UploadRef *ref, const char *upload_id, const S3UploadPart *parts,
                                 size_t count, Error *err);
MUST_USE bool s3_reference_read(const UploadRef *ref, S3Reference *out, Error *err);
void s3_reference_release(S3Reference *reference);
/* UploadRef.store_check, "etag=…" or "crc32c=…": what the finished object's checksum will be; ""
 * when the acknowledgements do not tell. */
void s3_expected_check(const S3UploadPart *parts, size_t count, bool uses_crc, char *text,
                       size_t size_bytes);
/* Is the ETag, as the store wrote it, exactly that text? A weak one (W/) is not. */
bool s3_etag_is(const char *etag, const char *text);
/* The same form for an ETag that the store gave. */
void s3_etag_check(const char *etag, char *text, size_t size_bytes);

/* ---- upload.c ---- */

bool s3_open(Destination *dest, UploadRef *ref, Upload **out, Error *err);
bool s3_write(Upload *up, const void *bytes, size_t size_bytes, Error *err);
bool s3_seal(Upload *up, UploadRef *ref, Error *err);
void s3_release(Upload *up);
/* Bytes of upload part `number` (from 1) when the first has part_bytes: all of one size for the
 * first half of S3_PARTS_MAX, then doubling, so that 5 TiB fit. */
size_t s3_part_bytes(size_t part_bytes, int number);

/* ---- publish.c ---- */

bool s3_publish(Destination *dest, const UploadRef *ref, PublishResult *out, Error *err);

/* ---- object.c: what is visible ---- */

typedef struct S3Object {
    bool exists;
    char nonce[NONCE_HEX_BYTES]; /* "" when it is not ours */
    uint64_t size_bytes;
    char etag[S3_ETAG_BYTES];
} S3Object;

MUST_USE bool s3_object_look(S3Destination *dest, const char *key, bool runs_to_the_end,
                             S3Object *out, Error *err);
bool s3_object_is_ours(const S3Object *object, const UploadRef *ref);
bool s3_probe(Destination *dest, const UploadRef *ref, ProbeResult *out, Error *err);
bool s3_abort(Destination *dest, const UploadRef *ref, Error *err);
bool s3_put(Destination *dest, const char *key, const void *bytes, size_t size_bytes, Error *err);
bool s3_open_read(Destination *dest, const UploadRef *ref, Readable *out, Error *err);

#endif
