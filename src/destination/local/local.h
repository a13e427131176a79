/* local.h: parts as files of one directory.
 *
 * A part is written as ".<name>.tmp" beside its final name, mode 0600, and gets the mode that the
 * umask asks for when it is sealed. Publishing links the final name to it and unlinks the
 * temporary; an existing name is never overwritten. Where the file system has no hard links, a
 * rename that refuses to replace does the same in one step.
 *
 * Whose is the file under the final name? Ours, while the temporary exists, if both are one inode;
 * once it is gone, if size and XXH3 are those of the sealed part. Anything else is foreign.
 *
 * Every operation first makes sure that the path still leads to the directory that connect opened:
 * "no such file" proves something only there.
 *
 * A key may hold '/': its directories are created below the destination's and made durable.
 * Source  spec: delivery §2, §3, §6 */
#ifndef RIVET_DESTINATION_LOCAL_LOCAL_H
#define RIVET_DESTINATION_LOCAL_LOCAL_H

#include <sys/stat.h>

#include "destination/destination.h"

extern const DestinationDriver LOCAL_DRIVER;

typedef struct LocalDestination {
    Destination base;
    const char *path; /* absolute, real; points into base.identity */
    int directory;
    dev_t device;
    mode_t file_mode; /* 0666 less the umask */
} LocalDestination;

/* place.c: one name in its directory. */
typedef struct LocalPlace {
    int directory; /* -1: the directory does not exist, so neither does the name */
    const char *name;
    bool is_root; /* directory is the destination's own, made durable by sync */
} LocalPlace;

MUST_USE bool local_check_directory(const LocalDestination *dest, Error *err);
/* No empty component, no "." and no "..". */
MUST_USE bool local_check_key(const LocalDestination *dest, const char *key, Error *err);
/* key must outlive the place. With creates, missing directories on the way are made. */
MUST_USE bool local_enter(const LocalDestination *dest, const char *key, bool creates,
                          LocalPlace *place, Error *err);
void local_leave(LocalPlace *place);
MUST_USE bool local_sync_directory(const LocalDestination *dest, int directory, Error *err);
/* 0 or an errno. */
MUST_USE int local_make_directories(int base, const char *path);

/* "<directory>/.<name>.tmp" of a key; false when it does not fit. */
MUST_USE bool local_temporary_key(const char *key, char *text, size_t size_bytes);

/* Sets code, message and hint by errnum: "cannot <what> '<path>/<key>': <reason>". */
bool local_fail(Error *err, int errnum, const LocalDestination *dest, const char *what,
                const char *key);

/* upload.c */
bool local_open(Destination *dest, UploadRef *ref, Upload **out, Error *err);
bool local_write(Upload *up, const void *bytes, size_t size_bytes, Error *err);
bool local_seal(Upload *up, UploadRef *ref, Error *err);
void local_release(Upload *up);
MUST_USE int local_write_all(int fd, const void *bytes, size_t size_bytes); /* 0 or an errno */

/* publish.c */
bool local_publish(Destination *dest, const UploadRef *ref, PublishResult *out, Error *err);
bool local_probe(Destination *dest, const UploadRef *ref, ProbeResult *out, Error *err);
bool local_abort(Destination *dest, const UploadRef *ref, Error *err);
bool local_open_read(Destination *dest, const UploadRef *ref, Readable *out, Error *err);

/* reference.c: what UploadRef.reference holds, "<inode> <key of the temporary>". */
typedef struct LocalReference {
    uint64_t inode; /* 0: not known, the part was never recorded as created */
    char temporary[REFERENCE_BYTES];
} LocalReference;

MUST_USE bool local_reference_write(UploadRef *ref, uint64_t inode, const char *temporary,
                                    Error *err);
/* Without a recorded reference the temporary's name follows from the key. */
MUST_USE bool local_reference_read(const UploadRef *ref, LocalReference *out, Error *err);

#endif
