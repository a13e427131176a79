#include "destination/local/local.h"

bool
local_reference_write(UploadRef *ref, uint64_t inode, const char *temporary, Error *err)
{
    int length =
        snprintf(ref->reference, sizeof(ref->reference), "%" PRIu64 " %s", inode, temporary);

    if (length < 0 || (size_t)length >= sizeof(ref->reference))
        return error_set(err, ERR_IO, "the file name '%s' is too long", ref->key);
    return true;
}

bool
local_reference_read(const UploadRef *ref, LocalReference *out, Error *err)
{
    char *end = NULL;

    *out = (LocalReference){0};
    if (ref->reference[0] == '\0') {
        if (!local_temporary_key(ref->key, out->temporary, sizeof(out->temporary)))
            return error_set(err, ERR_IO, "the file name '%s' is too long", ref->key);
        return true;
    }
    out->inode = strtoull(ref->reference, &end, 10);
    if (end == ref->reference || *end != ' ' || end[1] == '\0')
        return error_set(err, ERR_STATE, "the recorded reference of '%s' is damaged", ref->key);
    snprintf(out->temporary, sizeof(out->temporary), "%s", end + 1);
    return true;
}
