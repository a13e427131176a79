/* faulty_vfs.h: SQLite's own file layer with switches that make it fail.
 *
 * Use  faulty_vfs_install once; it becomes the default for every later open of this process. */
#ifndef RIVET_TESTS_UNIT_STATE_FAULTY_VFS_H
#define RIVET_TESTS_UNIT_STATE_FAULTY_VFS_H

#include <stdbool.h>

typedef struct FaultyVfs {
    bool fails_wal_sync;  /* the bytes are written, the fsync fails */
    bool fails_wal_write; /* nothing is written */
    bool fails_open;      /* a file that is opened from now on */
    bool has_no_shm;      /* as a file system without shared memory: WAL is refused */
    int wal_syncs;        /* successful ones so far */
} FaultyVfs;

FaultyVfs *faulty_vfs_install(void);

#endif
