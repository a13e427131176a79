#include "local_support.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static PublishResult
publish(Destination *dest, const UploadRef *ref)
{
    Error err = ERROR_INIT;
    PublishResult result = PUBLISH_GONE;

    assert_ok(destination_publish(dest, ref, &result, &err), &err);
    return result;
}

static ProbeResult
probe(Destination *dest, const UploadRef *ref)
{
    Error err = ERROR_INIT;
    ProbeResult result = PROBE_ABSENT;

    assert_ok(destination_probe(dest, ref, &result, &err), &err);
    return result;
}

static void
abort_part(Destination *dest, const UploadRef *ref)
{
    Error err = ERROR_INIT;

    assert_ok(destination_abort(dest, ref, &err), &err);
}

static void
a_part_is_invisible_until_published(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    struct stat about;
    char path[512];
    mode_t old_mask = umask(0);

    umask(old_mask);
    UploadRef ref = put_part(place->dest, "a.csv", "hello", false);
    path_below(place, ".a.csv.tmp", path);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_false(file_exists(place, "a.csv"));
    abort_part(place->dest, &ref);

    ref = put_part(place->dest, "a.csv", "hello", true);
    assert_true(ref.is_sealed);
    assert_false(file_exists(place, "a.csv"));
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0666 & ~old_mask);
    assert_int_equal(probe(place->dest, &ref), PROBE_ABSENT);

    assert_int_equal(publish(place->dest, &ref), PUBLISH_DONE);
    assert_ok(destination_sync(place->dest, &err), &err);
    assert_file(place, "a.csv", "hello");
    assert_int_equal(count_entries(place->path), 1);
    assert_int_equal(probe(place->dest, &ref), PROBE_OURS);
    assert_int_equal(publish(place->dest, &ref), PUBLISH_DONE);
    assert_int_equal(publish(place->dest, &ref), PUBLISH_DONE);
}

static void
publish_decides_by_inode_then_by_bytes(void **state)
{
    static const struct {
        const char *name;
        const char *command; /* run in the directory; the sealed part is a.csv with "hello" */
        PublishResult publish;
        ProbeResult probe; /* before publishing */
        const char *after; /* content of a.csv afterwards; NULL: none */
    } CASES[] = {
        {"plain", "true", PUBLISH_DONE, PROBE_ABSENT, "hello"},
        {"linked, temporary still there", "ln .a.csv.tmp a.csv", PUBLISH_DONE, PROBE_OURS, "hello"},
        {"linked and unlinked", "mv .a.csv.tmp a.csv", PUBLISH_DONE, PROBE_OURS, "hello"},
        {"copied by a restore", "cp .a.csv.tmp a.csv; rm .a.csv.tmp", PUBLISH_DONE, PROBE_OURS,
         "hello"},
        {"the same bytes beside the temporary are foreign", "cp .a.csv.tmp a.csv", PUBLISH_TAKEN,
         PROBE_FOREIGN, "hello"},
        {"foreign file", "printf other > a.csv", PUBLISH_TAKEN, PROBE_FOREIGN, "other"},
        {"foreign file of our size", "printf HELLO > a.csv", PUBLISH_TAKEN, PROBE_FOREIGN, "HELLO"},
        {"foreign file, no temporary", "rm .a.csv.tmp; printf HELLO > a.csv", PUBLISH_TAKEN,
         PROBE_FOREIGN, "HELLO"},
        {"symbolic link to our bytes", "mv .a.csv.tmp x; ln -s x a.csv", PUBLISH_TAKEN,
         PROBE_FOREIGN, "hello"},
        {"nothing left", "rm .a.csv.tmp", PUBLISH_GONE, PROBE_ABSENT, NULL},
        {"temporary cut short", "printf hel > .a.csv.tmp", PUBLISH_GONE, PROBE_ABSENT, NULL},
        {"temporary replaced by the same bytes", "cp .a.csv.tmp x; mv x .a.csv.tmp", PUBLISH_DONE,
         PROBE_ABSENT, "hello"},
        {"temporary replaced by other bytes", "printf HELLO > x; mv x .a.csv.tmp", PUBLISH_GONE,
         PROBE_ABSENT, NULL},
    };
    Place *place = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        print_message("  %s\n", CASES[i].name);
        UploadRef ref = put_part(place->dest, "a.csv", "hello", true);
        run_command("cd %s && %s", place->path, CASES[i].command);
        assert_int_equal(probe(place->dest, &ref), CASES[i].probe);
        for (int repeat = 0; repeat < 2; repeat++) {
            assert_int_equal(publish(place->dest, &ref), CASES[i].publish);
            if (CASES[i].after != NULL)
                assert_file(place, "a.csv", CASES[i].after);
            else
                assert_false(file_exists(place, "a.csv"));
        }
        if (CASES[i].publish == PUBLISH_DONE)
            assert_false(file_exists(place, ".a.csv.tmp"));
        run_command("cd %s && rm -f a.csv .a.csv.tmp x", place->path);
    }
}

static void
abort_removes_ours_and_nothing_else(void **state)
{
    static const struct {
        const char *name;
        bool is_sealed;
        bool has_reference; /* false: died before the reference was recorded */
        const char *command;
        const char *after;
    } CASES[] = {
        {"open", false, true, "true", NULL},
        {"open, reference not recorded", false, false, "true", NULL},
        {"never created", false, false, "rm .a.csv.tmp", NULL},
        {"sealed", true, true, "true", NULL},
        {"linked, temporary still there", true, true, "ln .a.csv.tmp a.csv", NULL},
        {"published", true, true, "mv .a.csv.tmp a.csv", NULL},
        {"foreign file beside an open part", false, true, "printf other > a.csv", "other"},
        {"foreign file beside a sealed part", true, true, "printf HELLO > a.csv", "HELLO"},
        {"foreign file after ours is gone", true, true, "rm .a.csv.tmp; printf HELLO > a.csv",
         "HELLO"},
        {"empty foreign file, never sealed", false, false, "rm .a.csv.tmp; : > a.csv", ""},
    };
    Place *place = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        print_message("  %s\n", CASES[i].name);
        UploadRef ref = put_part(place->dest, "a.csv", "hello", CASES[i].is_sealed);
        if (!CASES[i].is_sealed)
            ref.size_bytes = ref.xxh3 = 0;
        if (!CASES[i].has_reference)
            ref.reference[0] = '\0';
        run_command("cd %s && %s", place->path, CASES[i].command);
        for (int repeat = 0; repeat < 2; repeat++) {
            abort_part(place->dest, &ref);
            assert_false(file_exists(place, ".a.csv.tmp"));
            if (CASES[i].after != NULL)
                assert_file(place, "a.csv", CASES[i].after);
            else
                assert_false(file_exists(place, "a.csv"));
        }
        run_command("cd %s && rm -f a.csv", place->path);
    }
}

/* A unit that stayed alone loses its suffix between open and seal. */
static void
the_key_may_change_before_seal(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    UploadRef ref = make_ref("a_part0.csv", "hello");

    assert_ok(destination_open(place->dest, &ref, &upload, &err), &err);
    assert_ok(upload_write(upload, "hello", 5, &err), &err);
    ref.key = "a.csv";
    assert_ok(upload_seal(upload, &ref, &err), &err);
    upload_release(upload);
    assert_true(file_exists(place, ".a_part0.csv.tmp"));
    assert_int_equal(publish(place->dest, &ref), PUBLISH_DONE);
    assert_file(place, "a.csv", "hello");
    assert_int_equal(count_entries(place->path), 1);
}

static void
keys_with_folders_make_them(void **state)
{
    static const char *const BAD[] = {"../a", "a/../b", "/a", "a//b", "a/", ".", ""};
    Place *place = *state;
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    PublishResult result;
    UploadRef ref = put_part(place->dest, "2026/01/a.csv", "hello", true);
    UploadRef missing = make_ref("2025/01/a.csv", "hello");

    assert_int_equal(publish(place->dest, &ref), PUBLISH_DONE);
    assert_file(place, "2026/01/a.csv", "hello");
    assert_false(file_exists(place, "2026/01/.a.csv.tmp"));
    assert_int_equal(publish(place->dest, &missing), PUBLISH_GONE);
    abort_part(place->dest, &missing);
    assert_false(file_exists(place, "2025"));
    abort_part(place->dest, &ref);
    assert_false(file_exists(place, "2026/01/a.csv"));
    for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
        UploadRef bad = make_ref(BAD[i], "");
        error_clear(&err);
        assert_error(destination_open(place->dest, &bad, &upload, &err), &err, ERR_CONFIG,
                     "cannot be a file name");
        error_clear(&err);
        assert_error(destination_publish(place->dest, &bad, &result, &err), &err, ERR_CONFIG,
                     "cannot be a file name");
    }
}

static void
a_leftover_temporary_is_never_overwritten(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    UploadRef ref = make_ref("a.csv", "");

    write_file(place, ".a.csv.tmp", "other");
    assert_error(destination_open(place->dest, &ref, &upload, &err), &err, ERR_IO, ".a.csv.tmp");
    assert_null(upload);
    assert_file(place, ".a.csv.tmp", "other");
}

/* Each operation on a directory that is gone or another one fails and changes nothing. */
static void
an_exchanged_directory_decides_nothing(void **state)
{
    static const char *const COMMANDS[] = {
        "mv out moved",              /* gone */
        "mv out moved && mkdir out", /* another one, empty */
        "mv out moved && : > out",   /* a file */
    };
    Place *place = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(COMMANDS); i++) {
        Upload *upload = NULL, *open = NULL;
        PublishResult published;
        ProbeResult probed;
        Readable file;
        Error err = ERROR_INIT;
        UploadRef ref = put_part(place->dest, "a.csv", "hello", true);
        UploadRef next = make_ref("b.csv", "");
        assert_ok(destination_open(place->dest, &next, &open, &err), &err);

        run_command("cd %s && %s", place->root, COMMANDS[i]);
        const struct {
            const char *name;
            bool ok;
        } RESULTS[] = {
            {"seal", (error_clear(&err), upload_seal(open, &next, &err))},
            {"publish",
             (error_clear(&err), destination_publish(place->dest, &ref, &published, &err))},
            {"probe", (error_clear(&err), destination_probe(place->dest, &ref, &probed, &err))},
            {"abort", (error_clear(&err), destination_abort(place->dest, &ref, &err))},
            {"sync", (error_clear(&err), destination_sync(place->dest, &err))},
            {"put", (error_clear(&err), place->dest->driver->put(place->dest, "m", "", 0, &err))},
            {"read", (error_clear(&err), destination_open_read(place->dest, &ref, &file, &err))},
            {"open", (error_clear(&err), destination_open(place->dest, &ref, &upload, &err))},
        };
        for (size_t n = 0; n < ARRAY_LENGTH(RESULTS); n++)
            if (RESULTS[n].ok)
                fail_msg("%s succeeded", RESULTS[n].name);
        assert_int_equal(err.code, ERR_UNAVAILABLE);
        assert_non_null(err.hint);
        upload_release(open);
        run_command("cd %s && rm -rf out && mv moved out", place->root);
        assert_true(file_exists(place, ".a.csv.tmp"));
        assert_false(file_exists(place, "a.csv"));
        abort_part(place->dest, &ref);
        abort_part(place->dest, &next);
    }
}

static void
another_process_needs_only_the_reference(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    Destination *later = NULL;
    UploadRef ref = put_part(place->dest, "a.csv", "hello", true);

    assert_ok(destination_connect(&place->config, &later, &err), &err);
    assert_int_equal(later->inode, place->dest->inode);
    assert_string_equal(later->identity, place->dest->identity);
    assert_int_equal(publish(later, &ref), PUBLISH_DONE);
    assert_file(place, "a.csv", "hello");
    destination_free(later);
}

static void
parts_read_back_sealed_and_published(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    Readable file = {0};
    char text[5];
    UploadRef ref = put_part(place->dest, "a.csv", "hello", true);

    for (int published = 0; published < 2; published++) {
        assert_ok(destination_open_read(place->dest, &ref, &file, &err), &err);
        assert_int_equal(file.size_bytes, 5);
        assert_ok(readable_read(&file, 0, text, 5, &err), &err);
        assert_memory_equal(text, "hello", 5);
        readable_close(&file);
        publish(place->dest, &ref);
    }
    abort_part(place->dest, &ref);
    assert_error(destination_open_read(place->dest, &ref, &file, &err), &err, ERR_IO, "a.csv");
}

static void
the_manifest_is_replaced_whole(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    static const char KEY[] = "_rivet/users/run_a1b2c3.json";

    for (int i = 0; i < 2; i++) {
        assert_ok(place->dest->driver->put(place->dest, KEY, "{}", 2, &err), &err);
        assert_file(place, KEY, "{}");
        write_file(place, "_rivet/users/.run_a1b2c3.json.tmp", "left by a crash, longer");
    }
    assert_ok(place->dest->driver->put(place->dest, KEY, "{\"a\":1}", 7, &err), &err);
    assert_file(place, KEY, "{\"a\":1}");
    assert_false(file_exists(place, "_rivet/users/.run_a1b2c3.json.tmp"));
}

static void
size_must_agree_with_the_writer(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    UploadRef ref = make_ref("a.csv", "hello");

    assert_ok(destination_open(place->dest, &ref, &upload, &err), &err);
    assert_ok(upload_write(upload, "hell", 4, &err), &err);
    assert_error(upload_seal(upload, &ref, &err), &err, ERR_INTERNAL, "4 bytes");
    upload_release(upload);
}

static void
display_and_identity(void **state)
{
    static const struct {
        const char *path;
        const char *want;
    } CASES[] = {
        {"/tmp", "/tmp/a.csv"},
        {"/tmp//", "/tmp/a.csv"},
        {"/", "/a.csv"},
        {".", "./a.csv"},
    };
    char text[512];
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = CASES[i].path};
        Destination *dest = NULL;
        Error err = ERROR_INIT;
        assert_ok(destination_connect(&config, &dest, &err), &err);
        destination_display_key(dest, "a.csv", text, sizeof(text));
        assert_string_equal(text, CASES[i].want);
        assert_memory_equal(dest->identity, "file:///", 8);
        assert_false(dest->is_stream);
        destination_free(dest);
    }
}

static void
connect_makes_the_directory_or_says_why_not(void **state)
{
    Place *place = *state;
    Error err = ERROR_INIT;
    Destination *dest = NULL;
    char path[512];

    path_below(place, "x/y//z/", path);
    DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = path};
    assert_ok(destination_connect(&config, &dest, &err), &err);
    assert_true(file_exists(place, "x/y/z"));
    destination_free(dest);
    write_file(place, "file", "");
    path_below(place, "file/below", path);
    assert_error(destination_connect(&config, &dest, &err), &err, ERR_IO, "file/below");
    assert_null(dest);
}

/* Runs in a child, so that its limits and its user do not stay. Returns the child's verdict. */
static int
in_child(int (*function)(Place *place), Place *place)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        _exit(function(place));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int
write_past_the_limit(Place *place)
{
    static const uint8_t BLOCK[65536];
    const struct rlimit limit = {.rlim_cur = 100000, .rlim_max = 100000};
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    UploadRef ref = make_ref("a.csv", "");
    bool ok = true;

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!destination_open(place->dest, &ref, &upload, &err))
        return 1;
    for (int i = 0; ok && i < 3; i++)
        ok = upload_write(upload, BLOCK, sizeof(BLOCK), &err);
    upload_release(upload);
    if (ok || err.code != ERR_IO || err.hint == NULL || strstr(err.message, ".a.csv.tmp") == NULL)
        return 2;
    error_clear(&err);
    return destination_abort(place->dest, &ref, &err) ? 0 : 3;
}

static void
a_file_that_cannot_grow_is_an_error(void **state)
{
    Place *place = *state;

    assert_int_equal(in_child(write_past_the_limit, place), 0);
    assert_int_equal(count_entries(place->path), 0);
}

static int
open_as_nobody(Place *place)
{
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    UploadRef ref = make_ref("a.csv", "");

    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    if (destination_open(place->dest, &ref, &upload, &err))
        return 2;
    return err.code == ERR_DENIED && err.hint != NULL ? 0 : 3;
}

static int
connect_as_nobody(Place *place)
{
    Error err = ERROR_INIT;
    Destination *dest = NULL;
    char path[512];

    path_below(place, "below", path);
    const DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = path};
    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    if (destination_connect(&config, &dest, &err))
        return 2;
    return err.code == ERR_DENIED && err.hint != NULL ? 0 : 3;
}

static void
a_directory_of_somebody_else_is_denied(void **state)
{
    Place *place = *state;

    assert_int_equal(chmod(place->root, 0755), 0);
    assert_int_equal(chmod(place->path, 0555), 0);
    assert_int_equal(in_child(open_as_nobody, place), 0);
    assert_int_equal(in_child(connect_as_nobody, place), 0);
}

/* A file system of 64 KiB; only root may mount one, so elsewhere the size limit above stands for
 * it. */
static void
a_full_disk_leaves_nothing_visible(void **state)
{
    Place *place = *state;
    static const uint8_t BLOCK[65536];
    char path[512];
    Error err = ERROR_INIT;
    Destination *dest = NULL;
    Upload *upload = NULL;
    UploadRef ref = make_ref("a.csv", "");
    bool ok = true;

    path_below(place, "small", path);
    assert_int_equal(mkdir(path, 0755), 0);
    if (mount("tmpfs", path, "tmpfs", 0, "size=64k") != 0)
        skip();
    const DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = path};
    assert_ok(destination_connect(&config, &dest, &err), &err);
    assert_ok(destination_open(dest, &ref, &upload, &err), &err);
    for (int i = 0; ok && i < 3; i++)
        ok = upload_write(upload, BLOCK, sizeof(BLOCK), &err);
    upload_release(upload);
    bool is_abort_ok = destination_abort(dest, &ref, &(Error){0});
    destination_free(dest);
    int entry_count = count_entries(path);
    assert_int_equal(umount(path), 0);
    assert_false(ok);
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.message, "No space left"));
    assert_non_null(strstr(err.hint, "full"));
    assert_true(is_abort_ok);
    assert_int_equal(entry_count, 0);
}

/* As connect says it afterwards, whether the directory is there or not; and nothing is made. */
static void
identify_makes_nothing(void **state)
{
    static const char *const PATHS[] = {"out", "out/", "new", "new//", "a/b/c", "link/new"};
    Place *place = *state;
    Error err = ERROR_INIT;

    run_command("ln -s out %s/link", place->root);
    for (size_t i = 0; i < ARRAY_LENGTH(PATHS); i++) {
        char path[256];
        Destination found;
        Destination *dest = NULL;
        struct stat about;
        snprintf(path, sizeof(path), "%s/%s", place->root, PATHS[i]);
        const DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = path};
        bool is_there = stat(path, &about) == 0;
        assert_ok(destination_identify(&config, &found, &err), &err);
        assert_int_equal(stat(path, &about) == 0, is_there);
        assert_ok(destination_connect(&config, &dest, &err), &err);
        assert_string_equal(found.identity, dest->identity);
        assert_int_equal(found.inode, is_there ? dest->inode : 0);
        assert_false(found.is_stream);
        destination_free(dest);
    }
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(a_part_is_invisible_until_published),
        PLACE_TEST(publish_decides_by_inode_then_by_bytes),
        PLACE_TEST(abort_removes_ours_and_nothing_else),
        PLACE_TEST(the_key_may_change_before_seal),
        PLACE_TEST(keys_with_folders_make_them),
        PLACE_TEST(a_leftover_temporary_is_never_overwritten),
        PLACE_TEST(an_exchanged_directory_decides_nothing),
        PLACE_TEST(another_process_needs_only_the_reference),
        PLACE_TEST(parts_read_back_sealed_and_published),
        PLACE_TEST(the_manifest_is_replaced_whole),
        PLACE_TEST(size_must_agree_with_the_writer),
        PLACE_TEST(connect_makes_the_directory_or_says_why_not),
        PLACE_TEST(a_file_that_cannot_grow_is_an_error),
        PLACE_TEST(a_directory_of_somebody_else_is_denied),
        PLACE_TEST(a_full_disk_leaves_nothing_visible),
        PLACE_TEST(identify_makes_nothing),
        cmocka_unit_test(display_and_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
