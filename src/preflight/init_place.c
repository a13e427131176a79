/* Where the files of a first configuration go, from one word of the command line. */
#include "preflight/init.h"

/* bucket[/prefix]; a prefix ends in a slash, since nothing comes between it and the file's name. */
static bool
read_bucket(const char *text, const char *rest, Arena *arena, DestinationConfig *place, Error *err)
{
    size_t length = strcspn(rest, "/");
    const char *prefix = rest[length] == '/' ? rest + length + 1 : "";
    size_t prefix_length = strlen(prefix);

    if (length == 0) {
        err->hint = "as in s3://bucket/prefix";
        return error_set(err, ERR_USAGE, "--destination '%s' names no bucket", text);
    }
    place->bucket = arena_dup_bytes(arena, rest, length);
    if (prefix_length > 0)
        place->prefix =
            arena_format(arena, "%s%s", prefix, prefix[prefix_length - 1] == '/' ? "" : "/");
    return true;
}

bool
init_read_place(const char *text, Arena *arena, DestinationConfig *place, Error *err)
{
    static const struct {
        const char *scheme;
        DestinationKind kind;
    } BUCKETS[] = {{"s3://", DESTINATION_S3}, {"gs://", DESTINATION_GCS}};

    *place = (DestinationConfig){.kind = DESTINATION_LOCAL, .path = text};
    if (strcmp(text, "stdout") == 0) {
        *place = (DestinationConfig){.kind = DESTINATION_STDOUT};
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(BUCKETS); i++) {
        size_t length = strlen(BUCKETS[i].scheme);
        if (strncmp(text, BUCKETS[i].scheme, length) != 0)
            continue;
        *place = (DestinationConfig){.kind = BUCKETS[i].kind};
        return read_bucket(text, text + length, arena, place, err);
    }
    if (strstr(text, "://") == NULL)
        return true;
    err->hint = "a directory, s3://bucket/prefix, gs://bucket/prefix, or stdout";
    return error_set(err, ERR_USAGE, "--destination '%s' is no place that rivet knows", text);
}
