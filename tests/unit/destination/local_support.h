/* local_support.h: a local destination in a temporary directory, for the tests of local/. */
#ifndef RIVET_TESTS_DESTINATION_LOCAL_SUPPORT_H
#define RIVET_TESTS_DESTINATION_LOCAL_SUPPORT_H

#include "../test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "destination/destination.h"

typedef struct Place {
    char root[64]; /* removed at the end */
    char path[96]; /* root/out, the destination */
    DestinationConfig config;
    Destination *dest;
} Place;

static inline PRINTF_LIKE(1, 2) void run_command(const char *format, ...)
{
    char command[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static inline int
place_setup(void **state)
{
    static Place place;
    Error err = ERROR_INIT;

    place = (Place){.root = "/tmp/rivet-local-XXXXXX"};
    assert_non_null(mkdtemp(place.root));
    snprintf(place.path, sizeof(place.path), "%s/out", place.root);
    place.config = (DestinationConfig){.kind = DESTINATION_LOCAL, .path = place.path};
    assert_ok(destination_connect(&place.config, &place.dest, &err), &err);
    *state = &place;
    return 0;
}

static inline int
place_teardown(void **state)
{
    Place *place = *state;

    destination_free(place->dest);
    run_command("chmod -R u+rwx %s; rm -rf %s", place->root, place->root);
    return 0;
}

static inline UploadRef
make_ref(const char *key, const char *text)
{
    return (UploadRef){
        .key = key,
        .nonce = "00112233445566778899aabbccddeeff",
        .size_bytes = strlen(text),
        .xxh3 = XXH3_64bits(text, strlen(text)),
    };
}

/* Opens, writes and, when asked, seals a part; the handle is released like after a crash. */
static inline UploadRef
put_part(Destination *dest, const char *key, const char *text, bool seals)
{
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    UploadRef ref = make_ref(key, text);

    assert_ok(destination_open(dest, &ref, &upload, &err), &err);
    assert_ok(upload_write(upload, text, strlen(text), &err), &err);
    if (seals)
        assert_ok(upload_seal(upload, &ref, &err), &err);
    upload_release(upload);
    return ref;
}

static inline void
path_below(const Place *place, const char *name, char path[512])
{
    snprintf(path, 512, "%s/%s", place->path, name);
}

static inline void
write_file(const Place *place, const char *name, const char *text)
{
    char path[512];

    path_below(place, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static inline void
assert_file(const Place *place, const char *name, const char *want)
{
    char path[512];
    char text[256] = "";

    path_below(place, name, path);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s does not exist", name);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, want);
}

static inline bool
file_exists(const Place *place, const char *name)
{
    char path[512];

    path_below(place, name, path);
    return access(path, F_OK) == 0;
}

static inline int
count_entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2;
}

#endif
