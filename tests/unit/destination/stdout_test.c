#include "../test.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "destination/destination.h"

/* Standard output is a pipe while a test writes; cmocka gets its own back afterwards. */
typedef struct Pipe {
    int saved;
    int reader;
} Pipe;

static Pipe
pipe_begin(void)
{
    int ends[2];
    Pipe made;

    fflush(stdout);
    assert_int_equal(pipe(ends), 0);
    made = (Pipe){.saved = dup(STDOUT_FILENO), .reader = ends[0]};
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    return made;
}

static size_t
pipe_end(Pipe made, char *text, size_t size_bytes)
{
    size_t length = 0;
    ssize_t got;

    dup2(made.saved, STDOUT_FILENO);
    close(made.saved);
    if (made.reader < 0)
        return 0;
    while ((got = read(made.reader, text + length, size_bytes - length)) > 0)
        length += (size_t)got;
    close(made.reader);
    return length;
}

static Destination *
connect_stdout(bool needs_spool)
{
    static const DestinationConfig CONFIG = {.kind = DESTINATION_STDOUT};
    Destination *dest = NULL;
    Error err = ERROR_INIT;

    assert_ok(destination_connect(&CONFIG, &dest, &err), &err);
    assert_true(dest->is_stream);
    dest->needs_spool = needs_spool;
    return dest;
}

static bool
write_part(Destination *dest, UploadRef *ref, const char *text, Error *err)
{
    Upload *upload = NULL;

    ref->size_bytes = strlen(text);
    bool ok = destination_open(dest, ref, &upload, err) &&
              upload_write(upload, text, strlen(text), err) && upload_seal(upload, ref, err);
    upload_release(upload);
    return ok;
}

static void
streams_as_it_comes(void **state)
{
    char text[64];
    Error err = ERROR_INIT;
    Destination *dest = connect_stdout(false);
    UploadRef ref = {.key = "a.csv", .nonce = "1"};
    PublishResult result = PUBLISH_GONE;
    ProbeResult probed = PROBE_OURS;
    Readable file;
    (void)state;

    Pipe made = pipe_begin();
    bool ok = write_part(dest, &ref, "one\n", &err);
    size_t length = pipe_end(made, text, sizeof(text));
    assert_true(ok);
    assert_int_equal(length, 4);
    assert_memory_equal(text, "one\n", 4);
    assert_ok(destination_publish(dest, &ref, &result, &err), &err);
    assert_int_equal(result, PUBLISH_DONE);
    assert_ok(destination_probe(dest, &ref, &probed, &err), &err);
    assert_int_equal(probed, PROBE_ABSENT);
    assert_ok(destination_abort(dest, &ref, &err), &err);
    assert_error(destination_open_read(dest, &ref, &file, &err), &err, ERR_UNSUPPORTED,
                 "read back");
    destination_display_key(dest, "a.csv", text, sizeof(text));
    assert_string_equal(text, "stdout");
    assert_null(dest->driver->put);
    destination_free(dest);
}

static void
spooled_parts_come_out_when_published(void **state)
{
    char text[64];
    char seen[3];
    Error err = ERROR_INIT;
    Destination *dest = connect_stdout(true);
    UploadRef first = {.key = "a_part0.csv", .nonce = "1"};
    UploadRef second = {.key = "a_part1.csv", .nonce = "2"};
    UploadRef dropped = {.key = "a_part2.csv", .nonce = "3"};
    PublishResult results[4] = {PUBLISH_GONE, PUBLISH_GONE, PUBLISH_GONE, PUBLISH_DONE};
    Readable file = {0};
    (void)state;

    Pipe made = pipe_begin();
    bool ok = write_part(dest, &first, "one", &err) && write_part(dest, &second, "two", &err) &&
              write_part(dest, &dropped, "three", &err);
    assert_int_equal(pipe_end(made, text, sizeof(text)), 0);
    assert_true(ok);
    assert_ok(destination_open_read(dest, &second, &file, &err), &err);
    assert_int_equal(file.size_bytes, 3);
    assert_ok(readable_read(&file, 0, seen, 3, &err), &err);
    assert_memory_equal(seen, "two", 3);
    readable_close(&file);
    assert_ok(destination_abort(dest, &dropped, &err), &err);

    made = pipe_begin();
    ok = destination_publish(dest, &first, &results[0], &err) &&
         destination_publish(dest, &second, &results[1], &err) &&
         destination_publish(dest, &second, &results[2], &err) &&
         destination_publish(dest, &dropped, &results[3], &err);
    size_t length = pipe_end(made, text, sizeof(text));
    assert_true(ok);
    assert_int_equal(length, 6);
    assert_memory_equal(text, "onetwo", 6);
    assert_int_equal(results[0], PUBLISH_DONE);
    assert_int_equal(results[1], PUBLISH_DONE);
    assert_int_equal(results[2], PUBLISH_DONE);
    assert_int_equal(results[3], PUBLISH_GONE);
    destination_free(dest);
}

static void
a_closed_pipe_is_no_failure(void **state)
{
    Error err = ERROR_INIT;
    Destination *dest = connect_stdout(false);
    Destination *spooling = connect_stdout(true);
    UploadRef ref = {.key = "a.csv", .nonce = "1"};
    PublishResult result;
    (void)state;

    Pipe made = pipe_begin();
    close(made.reader);
    made.reader = -1;
    bool ok = write_part(dest, &ref, "one", &err);
    Error late = ERROR_INIT;
    bool is_spooled = write_part(spooling, &ref, "one", &late);
    bool is_published = destination_publish(spooling, &ref, &result, &late);
    pipe_end(made, NULL, 0);
    assert_false(ok);
    assert_int_equal(err.code, ERR_OUTPUT_CLOSED);
    assert_int_equal(error_exit_status(&err), 0);
    assert_true(is_spooled);
    assert_false(is_published);
    assert_int_equal(late.code, ERR_OUTPUT_CLOSED);
    destination_free(dest);
    destination_free(spooling);
}

static void
a_full_device_is_an_error(void **state)
{
    Error err = ERROR_INIT;
    Destination *dest = connect_stdout(false);
    UploadRef ref = {.key = "a.csv", .nonce = "1"};
    (void)state;

    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    int full = open("/dev/full", O_WRONLY);
    dup2(full, STDOUT_FILENO);
    bool ok = write_part(dest, &ref, "one", &err);
    dup2(saved, STDOUT_FILENO);
    close(full);
    close(saved);
    assert_false(ok);
    assert_int_equal(err.code, ERR_IO);
    destination_free(dest);
}

static void
the_spool_needs_its_directory(void **state)
{
    Error err = ERROR_INIT;
    Destination *dest = connect_stdout(true);
    UploadRef ref = {.key = "a.csv", .nonce = "1"};
    (void)state;

    setenv("TMPDIR", "/nonexistent", 1);
    assert_error(write_part(dest, &ref, "one", &err), &err, ERR_IO, "/nonexistent");
    unsetenv("TMPDIR");
    destination_free(dest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_as_it_comes),
        cmocka_unit_test(spooled_parts_come_out_when_published),
        cmocka_unit_test(a_closed_pipe_is_no_failure),
        cmocka_unit_test(a_full_device_is_an_error),
        cmocka_unit_test(the_spool_needs_its_directory),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
