/* file.h: the state's files as the file system sees them, inside src/state only.
 *
 *   <path>, -wal, -shm   the database and what SQLite keeps beside it
 *   <path>.lock          byte 0: shared by every connection, exclusive for a checkpoint
 *                        byte 1: exclusive while a process opens and migrates
 *   <path>.locks/        one file per export, see lock.c
 *
 * All 0600 (the folder 0700): the database can hold a GCS session, which is a credential.
 * Source: delivery §6. */
#ifndef RIVET_STATE_FILE_H
#define RIVET_STATE_FILE_H

#include "util/error.h"

/* *exists false: nothing there, or no such folder. */
bool file_find(const char *path, bool *exists, Error *err);
/* Refuses a folder on a network file system: its locks and shared memory cannot be trusted. */
bool file_check_file_system(const char *path, Error *err);
const char *file_network_name(long magic); /* of statfs(2); NULL: not a network file system */

/* The lock file with byte 0 shared and byte 1 exclusive; waits up to 10 s for either. */
bool file_lock_open(const char *path, int *fd, Error *err);
/* Byte 0 shared alone, which keeps nobody waiting; *fd -1 where there is no lock file. */
bool file_lock_reading(const char *path, int *fd, Error *err);
int file_lock_opening(int fd);  /* byte 1 again; an errno when it cannot be had */
void file_lock_opened(int fd);  /* gives byte 1 back */
bool file_lock_is_sole(int fd); /* byte 0 exclusive, if it can be had at once */
void file_lock_share(int fd);   /* byte 0 back to shared */

/* Makes an empty file that survives a crash, or accepts the one that is there. */
bool file_create(const char *path, Error *err);
/* Takes away what group and others may do with an existing file, -wal and -shm. */
bool file_restrict(const char *path, Error *err);

#endif
