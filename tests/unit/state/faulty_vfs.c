#include "faulty_vfs.h"

#include <sqlite3.h>
#include <string.h>

/* What SQLite sees, followed in memory by the real file. */
typedef struct FaultyFile {
    sqlite3_file base;
    bool is_wal;
    sqlite3_file *real;
} FaultyFile;

static FaultyVfs faults;
static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;

#define REAL(file) (((FaultyFile *)(void *)(file))->real)

static int
file_close(sqlite3_file *file)
{
    return REAL(file)->pMethods->xClose(REAL(file));
}

static int
file_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
    return REAL(file)->pMethods->xRead(REAL(file), to, size, at);
}

static int
file_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    if (faults.fails_wal_write && ((FaultyFile *)(void *)file)->is_wal)
        return SQLITE_IOERR_WRITE;
    return REAL(file)->pMethods->xWrite(REAL(file), from, size, at);
}

static int
file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return REAL(file)->pMethods->xTruncate(REAL(file), size);
}

static int
file_sync(sqlite3_file *file, int flags)
{
    bool is_wal = ((FaultyFile *)(void *)file)->is_wal;

    if (faults.fails_wal_sync && is_wal)
        return SQLITE_IOERR_FSYNC;
    faults.wal_syncs += is_wal;
    return REAL(file)->pMethods->xSync(REAL(file), flags);
}

static int
file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return REAL(file)->pMethods->xFileSize(REAL(file), size);
}

static int
file_lock(sqlite3_file *file, int level)
{
    return REAL(file)->pMethods->xLock(REAL(file), level);
}

static int
file_unlock(sqlite3_file *file, int level)
{
    return REAL(file)->pMethods->xUnlock(REAL(file), level);
}

static int
file_check_lock(sqlite3_file *file, int *is_reserved)
{
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), is_reserved);
}

static int
file_control(sqlite3_file *file, int operation, void *argument)
{
    return REAL(file)->pMethods->xFileControl(REAL(file), operation, argument);
}

static int
file_sector_size(sqlite3_file *file)
{
    return REAL(file)->pMethods->xSectorSize(REAL(file));
}

static int
file_characteristics(sqlite3_file *file)
{
    return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file));
}

static int
file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return REAL(file)->pMethods->xShmMap(REAL(file), page, size, extend, out);
}

static int
file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return REAL(file)->pMethods->xShmLock(REAL(file), offset, count, flags);
}

static void
file_shm_barrier(sqlite3_file *file)
{
    REAL(file)->pMethods->xShmBarrier(REAL(file));
}

static int
file_shm_unmap(sqlite3_file *file, int is_deleted)
{
    return REAL(file)->pMethods->xShmUnmap(REAL(file), is_deleted);
}

static const sqlite3_io_methods METHODS_WITHOUT_SHM = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int
vfs_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    FaultyFile *faulty = (FaultyFile *)(void *)file;

    (void)self;
    memset(faulty, 0, sizeof(*faulty));
    if (faults.fails_open)
        return SQLITE_CANTOPEN;
    faulty->real = (sqlite3_file *)(void *)(faulty + 1);
    faulty->is_wal = (flags & SQLITE_OPEN_WAL) != 0;
    int status = real_vfs->xOpen(real_vfs, name, faulty->real, flags, out_flags);
    if (status == SQLITE_OK)
        faulty->base.pMethods = faults.has_no_shm ? &METHODS_WITHOUT_SHM : &METHODS;
    return status;
}

FaultyVfs *
faulty_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = real_vfs->szOsFile + (int)sizeof(FaultyFile);
    vfs.xOpen = vfs_open;
    sqlite3_vfs_register(&vfs, 1);
    return &faults;
}
