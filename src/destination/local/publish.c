/* The steps that a later process can repeat: publish, probe, abort. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <xxhash.h>

#include "destination/local/local.h"
#include "util/fault.h"
#include "util/memory.h"

enum { READ_BYTES = 1 << 20 };

/* What lies in the directory under the two names of a part. */
typedef struct Facts {
    const LocalDestination *dest;
    const UploadRef *ref;
    LocalReference reference;
    LocalPlace final;
    LocalPlace temporary;
    bool has_final;
    bool has_temporary;
    struct stat final_stat;
    struct stat temporary_stat;
} Facts;

static bool
look_at(const LocalDestination *dest, const LocalPlace *place, const char *key, bool *exists,
        struct stat *about, Error *err)
{
    *exists = place->directory >= 0 &&
              fstatat(place->directory, place->name, about, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*exists && place->directory >= 0 && errno != ENOENT)
        return local_fail(err, errno, dest, "look at", key);
    return true;
}

/* The directory is checked before and after: what was seen in between was seen in it. */
static bool
look(Destination *dest, const UploadRef *ref, Facts *facts, Error *err)
{
    *facts = (Facts){
        .dest = (LocalDestination *)dest,
        .ref = ref,
        .final.directory = -1,
        .temporary.directory = -1,
    };
    const char *temporary = facts->reference.temporary;
    return local_check_directory(facts->dest, err) &&
           local_reference_read(ref, &facts->reference, err) &&
           local_enter(facts->dest, ref->key, false, &facts->final, err) &&
           local_enter(facts->dest, temporary, false, &facts->temporary, err) &&
           look_at(facts->dest, &facts->temporary, temporary, &facts->has_temporary,
                   &facts->temporary_stat, err) &&
           look_at(facts->dest, &facts->final, ref->key, &facts->has_final, &facts->final_stat,
                   err) &&
           local_check_directory(facts->dest, err);
}

static void
look_away(Facts *facts)
{
    local_leave(&facts->final);
    local_leave(&facts->temporary);
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* 0 or an errno. */
static int
hash_file(int fd, uint64_t *hash)
{
    int errnum = 0;
    ssize_t got = 1;
    uint8_t *room = memory_alloc(READ_BYTES);
    XXH3_state_t *state = XXH3_createState();

    if (state == NULL)
        abort();
    XXH3_64bits_reset(state);
    while (got > 0 && errnum == 0) {
        got = read(fd, room, READ_BYTES);
        if (got > 0)
            XXH3_64bits_update(state, room, (size_t)got);
        else if (got < 0 && errno == EINTR)
            got = 1;
        else if (got < 0)
            errnum = errno;
    }
    *hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    free(room);
    return errnum;
}

/* Whether the file holds the bytes that were sealed. */
static bool
holds_our_bytes(const Facts *facts, const LocalPlace *place, const struct stat *about,
                const char *key, bool *holds, Error *err)
{
    uint64_t hash = 0;

    *holds = false;
    if (!S_ISREG(about->st_mode) || (uint64_t)about->st_size != facts->ref->size_bytes)
        return true;
    int fd = openat(place->directory, place->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return local_fail(err, errno, facts->dest, "read", key);
    int errnum = hash_file(fd, &hash);
    close(fd);
    if (errnum != 0)
        return local_fail(err, errnum, facts->dest, "read", key);
    *holds = hash == facts->ref->xxh3;
    return true;
}

static bool
is_final_ours(const Facts *facts, bool *is_ours, Error *err)
{
    *is_ours = false;
    if (!facts->has_final)
        return true;
    if (facts->has_temporary) {
        *is_ours = is_same_file(&facts->final_stat, &facts->temporary_stat);
        return true;
    }
    return holds_our_bytes(facts, &facts->final, &facts->final_stat, facts->ref->key, is_ours, err);
}

/* A temporary that is not what was sealed (restored, cut short) can never be published. */
static bool
is_temporary_sound(const Facts *facts, bool *is_sound, Error *err)
{
    const struct stat *about = &facts->temporary_stat;

    *is_sound = S_ISREG(about->st_mode) && (uint64_t)about->st_size == facts->ref->size_bytes;
    if (!*is_sound || about->st_ino == facts->reference.inode)
        return true;
    return holds_our_bytes(facts, &facts->temporary, about, facts->reference.temporary, is_sound,
                           err);
}

/* Gives the temporary its final name, unless something has that name. */
static bool
link_final(const Facts *facts, bool *is_taken, Error *err)
{
    const LocalPlace *from = &facts->temporary;
    const LocalPlace *to = &facts->final;
    int errnum = FAULT_ERRNO("local.publish.link");

    *is_taken = false;
    if (errnum == 0 && linkat(from->directory, from->name, to->directory, to->name, 0) == 0)
        return true;
    if (errnum == 0)
        errnum = errno;
    if (errnum == EPERM || errnum == EOPNOTSUPP || errnum == ENOSYS || errnum == EMLINK) {
        if (renameat2(from->directory, from->name, to->directory, to->name, RENAME_NOREPLACE) == 0)
            return true;
        errnum = errno;
    }
    *is_taken = errnum == EEXIST;
    return *is_taken || local_fail(err, errnum, facts->dest, "publish", facts->ref->key);
}

static bool
remove_name(const Facts *facts, const LocalPlace *place, const char *key, Error *err)
{
    if (unlinkat(place->directory, place->name, 0) == 0 || errno == ENOENT)
        return true;
    return local_fail(err, errno, facts->dest, "remove", key);
}

/* Publishing below the destination's own directory: sync would not reach that one. */
static bool
sync_subdirectory(const Facts *facts, Error *err)
{
    return facts->final.is_root || facts->final.directory < 0 ||
           local_sync_directory(facts->dest, facts->final.directory, err);
}

static bool
publish_temporary(const Facts *facts, PublishResult *out, Error *err)
{
    bool is_sound = false;
    bool is_ours = false;

    if (!is_temporary_sound(facts, &is_sound, err) || !is_final_ours(facts, &is_ours, err))
        return false;
    *out = is_sound ? PUBLISH_TAKEN : PUBLISH_GONE;
    if (!is_sound || (facts->has_final && !is_ours))
        return true;
    if (!facts->has_final) {
        bool is_taken = false;
        if (!link_final(facts, &is_taken, err))
            return false;
        if (is_taken)
            return true;
    }
    FAULT_POINT("local.publish.linked");
    if (!remove_name(facts, &facts->temporary, facts->reference.temporary, err))
        return false;
    FAULT_POINT("local.publish.unlinked");
    *out = PUBLISH_DONE;
    return true;
}

static bool
publish_without_temporary(const Facts *facts, PublishResult *out, Error *err)
{
    bool is_ours = false;

    if (!is_final_ours(facts, &is_ours, err))
        return false;
    *out = is_ours ? PUBLISH_DONE : facts->has_final ? PUBLISH_TAKEN : PUBLISH_GONE;
    return true;
}

bool
local_publish(Destination *dest, const UploadRef *ref, PublishResult *out, Error *err)
{
    Facts facts;

    FAULT_POINT("local.publish.before");
    bool ok = look(dest, ref, &facts, err) &&
              (facts.has_temporary ? publish_temporary(&facts, out, err)
                                   : publish_without_temporary(&facts, out, err)) &&
              (*out != PUBLISH_DONE || sync_subdirectory(&facts, err));
    look_away(&facts);
    return ok;
}

bool
local_probe(Destination *dest, const UploadRef *ref, ProbeResult *out, Error *err)
{
    Facts facts;
    bool is_ours = false;

    bool ok = look(dest, ref, &facts, err) && is_final_ours(&facts, &is_ours, err);
    *out = is_ours ? PROBE_OURS : facts.has_final ? PROBE_FOREIGN : PROBE_ABSENT;
    look_away(&facts);
    return ok;
}

/* The final name goes first: while the temporary exists, an inode comparison tells whose it is. */
static bool
remove_part(const Facts *facts, Error *err)
{
    bool is_ours = false;

    if (!is_final_ours(facts, &is_ours, err))
        return false;
    if (is_ours && !remove_name(facts, &facts->final, facts->ref->key, err))
        return false;
    FAULT_POINT("local.abort.final_removed");
    if (facts->has_temporary &&
        !remove_name(facts, &facts->temporary, facts->reference.temporary, err))
        return false;
    FAULT_POINT("local.abort.temporary_removed");
    /* Also when there was nothing to remove: an earlier attempt may have died right here, and a
     * file that comes back after a power cut would belong to nobody. */
    if (!sync_subdirectory(facts, err) ||
        !local_sync_directory(facts->dest, facts->dest->directory, err))
        return false;
    FAULT_POINT("local.abort.synced");
    return true;
}

bool
local_abort(Destination *dest, const UploadRef *ref, Error *err)
{
    Facts facts;

    FAULT_POINT("local.abort.before");
    bool ok = look(dest, ref, &facts, err) && remove_part(&facts, err);
    look_away(&facts);
    return ok;
}

bool
local_open_read(Destination *dest, const UploadRef *ref, Readable *out, Error *err)
{
    Facts facts;
    int fd = -1;
    bool ok = look(dest, ref, &facts, err);

    if (ok) {
        const LocalPlace *place = facts.has_temporary ? &facts.temporary : &facts.final;
        fd = place->directory < 0
                 ? -1
                 : openat(place->directory, place->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        ok = fd >= 0;
        if (!ok)
            local_fail(err, place->directory < 0 ? ENOENT : errno, facts.dest, "read", ref->key);
    }
    look_away(&facts);
    return ok && readable_open_fd(fd, out, err);
}
