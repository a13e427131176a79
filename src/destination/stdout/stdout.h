/* stdout.h: bytes for the reader of a pipe.
 *
 * Streaming  a part's bytes go to standard output as they come. Nothing can be taken back, so
 *            publish has nothing left to do and abort nothing it could do.
 * Spooled    with needs_spool a part waits in an unlinked file, mode 0600, in TMPDIR (else /tmp),
 *            until publish copies it; abort drops it. Parts live in this process only.
 * Errors     ERR_OUTPUT_CLOSED when the reader left; SIGPIPE must be ignored by the process.
 * Nothing else in the process writes to standard output meanwhile.
 * Source     spec: delivery §2, behaviour §22.2 */
#ifndef RIVET_DESTINATION_STDOUT_STDOUT_H
#define RIVET_DESTINATION_STDOUT_STDOUT_H

#include "destination/destination.h"

extern const DestinationDriver STDOUT_DRIVER;

/* spool.c: the parts that wait, by nonce. */
typedef struct Spool Spool;

Spool *spool_new(void);
void spool_free(Spool *spool);                            /* closes what is left */
void spool_keep(Spool *spool, const char *nonce, int fd); /* takes over fd */
/* False when there is no such part. *fd is borrowed, or -1 when the part was copied already. */
bool spool_find(Spool *spool, const char *nonce, int *fd);
void spool_mark_copied(Spool *spool, const char *nonce); /* closes the file, remembers the part */
void spool_drop(Spool *spool, const char *nonce);

/* stream.c */
MUST_USE bool stream_write(int fd, const void *bytes, size_t size_bytes, Error *err);
MUST_USE bool stream_copy(int from, int to, Error *err); /* from the file's beginning */

#endif
