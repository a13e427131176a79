/* destination.h: where finished parts live, as the steps of exactly-once delivery.
 *
 * Life     destination_connect → per part: open → write … → seal → publish; any later process can
 *          publish, probe or abort from the UploadRef alone. destination_free.
 * Promise  nothing is visible before publish; publish makes a part visible whole under its key or
 *          not at all and never overwrites; every operation that takes an UploadRef may be
 *          repeated.
 * Threads  one Upload belongs to one thread; a Destination may serve several.
 * Errors   ERR_UNAVAILABLE (may pass), ERR_DENIED, ERR_IO (disk full, read-only; the hint says
 *          what to do), ERR_OUTPUT_CLOSED (stdout's reader left). Anything less than certain is an
 *          error, never a guess.
 * Source   spec: delivery §2, §3, §6.
 * A driver is one row in registry.c and one folder; a new one edits no other. */
#ifndef RIVET_DESTINATION_DESTINATION_H
#define RIVET_DESTINATION_DESTINATION_H

#include "config/config.h"
#include "util/error.h"
#include "util/readable.h"

typedef struct Destination Destination;
typedef struct Upload Upload;

enum { NONCE_HEX_BYTES = 33, REFERENCE_BYTES = 2048 };

/* All that a later process needs to know about one part. key and nonce are set before anything is
 * created; the rest fills up to seal. */
typedef struct UploadRef {
    const char *key;                 /* name below the destination: "users_….parquet" */
    char nonce[NONCE_HEX_BYTES];     /* 128 random bits in hex */
    char reference[REFERENCE_BYTES]; /* driver's own: inode, upload id, session (a secret) */
    char store_check[128];           /* what the store should answer: ETag, CRC32C; or empty */
    const uint8_t *tail;             /* GCS: the unsent last bytes; Upload's or caller's memory */
    size_t tail_bytes;
    uint64_t size_bytes; /* sealed parts */
    uint64_t xxh3;       /* sealed parts: XXH3-64 of the bytes */
    bool is_sealed;
} UploadRef;

typedef enum ProbeResult { PROBE_ABSENT, PROBE_OURS, PROBE_FOREIGN } ProbeResult;

/* What happened to a publish. */
typedef enum PublishResult {
    PUBLISH_DONE,  /* visible, ours, size and checksum as expected; also when it already was */
    PUBLISH_GONE,  /* definitely cannot be finished: nothing there to publish, and key not ours */
    PUBLISH_TAKEN, /* something foreign has the key */
} PublishResult;

typedef struct DestinationDriver {
    DestinationKind kind;
    /* A part gets its key for good when it is opened (stores): one that stays alone keeps its
     * suffix. */
    bool fixes_key;
    /* A sealed part cannot be read before it is published (stores). */
    bool hides_sealed;
    /* Is the target there before connect makes it? NULL: the destination makes none. */
    bool (*exists)(const DestinationConfig *config, bool *exists, Error *err);
    /* Fills identity and inode as connect would, but makes nothing and asks nobody. NULL: connect
     * does neither. */
    bool (*identify)(const DestinationConfig *config, Destination *place, Error *err);
    /* Prepares the target (local: creates the directory) and fills identity. */
    bool (*connect)(const DestinationConfig *config, Destination **out, Error *err);
    /* Starts one object under ref->key, marked with ref->nonce. Fills ref->reference. */
    bool (*open)(Destination *dest, UploadRef *ref, Upload **out, Error *err);
    /* Takes all size_bytes or fails; short writes and request retries stay inside. */
    bool (*write)(Upload *up, const void *bytes, size_t size_bytes, Error *err);
    /* Everything durable at the far side, still invisible. Completes ref; size and xxh3 are the
     * caller's, set before. */
    bool (*seal)(Upload *up, UploadRef *ref, Error *err);
    /* Ends the handle; an unsealed upload stays at the far side for abort. */
    void (*release)(Upload *up);
    bool (*publish)(Destination *dest, const UploadRef *ref, PublishResult *out, Error *err);
    bool (*probe)(Destination *dest, const UploadRef *ref, ProbeResult *out, Error *err);
    /* Undo: stop the upload until the far side says it is gone, then remove the object if it is
     * ours. ref may hold no more than key and nonce. */
    bool (*abort)(Destination *dest, const UploadRef *ref, Error *err);
    /* Makes publishes of a unit durable: one fsync of the directory. May be NULL. */
    bool (*sync)(Destination *dest, Error *err);
    /* Replaces a small object whole (the manifest): temporary, fsync, rename, fsync. NULL: the
     * destination keeps none. */
    bool (*put)(Destination *dest, const char *key, const void *bytes, size_t size_bytes,
                Error *err);
    /* Random access to a part: sealed (local only; NULL elsewhere) or published. */
    bool (*open_read)(Destination *dest, const UploadRef *ref, Readable *out, Error *err);
    /* What destination_display_key shows; NULL: the identity followed by the key. */
    void (*display)(const Destination *dest, const char *key, char *text, size_t size_bytes);
    void (*free)(Destination *dest);
} DestinationDriver;

/* First member of every driver's own struct. */
struct Destination {
    const DestinationDriver *driver;
    const DestinationConfig *config;
    char identity[4096]; /* absolute: "file:///data/out", "s3://bucket/prefix"; no secret */
    uint64_t inode;      /* local directory; 0 elsewhere */
    bool is_stream;      /* stdout: no units, no parts, no manifest */
    /* stdout: a part stays in an unlinked file of TMPDIR until it is published, and can be read
     * back. The caller sets it before the first open when `quality`, validation or several parts
     * ask for it (spec: delivery §2). */
    bool needs_spool;
};

/* First member of every driver's own upload. */
struct Upload {
    Destination *dest;
};

MUST_USE bool destination_connect(const DestinationConfig *config, Destination **out, Error *err);
/* Whoever must find what an earlier process left asks first: connect would make an empty place. */
MUST_USE bool destination_exists(const DestinationConfig *config, bool *exists, Error *err);
/* Where it is, without going there: driver, identity, inode and is_stream of *place, which nothing
 * else may be asked of. An inode of 0: not there yet. */
MUST_USE bool destination_identify(const DestinationConfig *config, Destination *place, Error *err);
void destination_free(Destination *dest); /* NULL is fine */

static inline MUST_USE bool
destination_open(Destination *dest, UploadRef *ref, Upload **out, Error *err)
{
    return dest->driver->open(dest, ref, out, err);
}

static inline MUST_USE bool
upload_write(Upload *up, const void *bytes, size_t size_bytes, Error *err)
{
    return up->dest->driver->write(up, bytes, size_bytes, err);
}

/* Unless the driver fixes keys, ref->key may have changed since open: the part of a unit that
 * stayed alone loses its suffix. What publish needs of the old name is in ref->reference. */
static inline MUST_USE bool
upload_seal(Upload *up, UploadRef *ref, Error *err)
{
    return up->dest->driver->seal(up, ref, err);
}

static inline void
upload_release(Upload *up)
{
    if (up != NULL)
        up->dest->driver->release(up);
}

static inline MUST_USE bool
destination_publish(Destination *dest, const UploadRef *ref, PublishResult *out, Error *err)
{
    return dest->driver->publish(dest, ref, out, err);
}

static inline MUST_USE bool
destination_probe(Destination *dest, const UploadRef *ref, ProbeResult *out, Error *err)
{
    return dest->driver->probe(dest, ref, out, err);
}

static inline MUST_USE bool
destination_abort(Destination *dest, const UploadRef *ref, Error *err)
{
    return dest->driver->abort(dest, ref, err);
}

static inline MUST_USE bool
destination_sync(Destination *dest, Error *err)
{
    return dest->driver->sync == NULL || dest->driver->sync(dest, err);
}

static inline MUST_USE bool
destination_open_read(Destination *dest, const UploadRef *ref, Readable *out, Error *err)
{
    return dest->driver->open_read(dest, ref, out, err);
}

/* "dir/name", "s3://bucket/key", "gs://bucket/key" for log lines. */
void destination_display_key(const Destination *dest, const char *key, char *text,
                             size_t size_bytes);

#endif
