/* Dies at every fault point of the local destination, and after each death a second process
 * publishes or aborts: the part ends up whole or gone. Built only with RIVET_FAULTS. */
#include "local_support.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "util/fault.h"

/* What the dead process had recorded about the part, as far as it came. */
typedef struct Record {
    char reference[REFERENCE_BYTES];
    bool is_sealed;
    bool is_intended;
} Record;

static Record *record; /* shared with the children */

static UploadRef
recorded_ref(void)
{
    UploadRef ref = make_ref("a.csv", "hello");

    memcpy(ref.reference, record->reference, sizeof(ref.reference));
    ref.is_sealed = record->is_sealed;
    if (!record->is_sealed)
        ref.size_bytes = ref.xxh3 = 0;
    return ref;
}

static int
deliver(Place *place)
{
    Error err = ERROR_INIT;
    Upload *upload = NULL;
    PublishResult result = PUBLISH_GONE;
    UploadRef ref = make_ref("a.csv", "hello");

    if (!destination_open(place->dest, &ref, &upload, &err))
        return 1;
    memcpy(record->reference, ref.reference, sizeof(ref.reference));
    if (!upload_write(upload, "hello", 5, &err) || !upload_seal(upload, &ref, &err))
        return 2;
    record->is_sealed = true;
    record->is_intended = true;
    upload_release(upload);
    if (!destination_publish(place->dest, &ref, &result, &err) || result != PUBLISH_DONE ||
        !destination_sync(place->dest, &err))
        return 3;
    return 0;
}

static int
recover(Place *place)
{
    Error err = ERROR_INIT;
    PublishResult result = PUBLISH_GONE;
    UploadRef ref = recorded_ref();

    if (!record->is_intended)
        return destination_abort(place->dest, &ref, &err) ? 0 : 1;
    return destination_publish(place->dest, &ref, &result, &err) && result == PUBLISH_DONE &&
                   destination_sync(place->dest, &err)
               ? 0
               : 2;
}

static int
undo(Place *place)
{
    Error err = ERROR_INIT;
    UploadRef ref = recorded_ref();

    return destination_abort(place->dest, &ref, &err) ? 0 : 1;
}

/* The exit status, or minus the signal that ended the child. */
static int
in_child(int (*function)(Place *place), Place *place, const char *fault)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        setenv("RIVET_FAULT", fault, 1);
        _exit(function(place));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void
assert_whole_or_gone(const Place *place)
{
    assert_false(file_exists(place, ".a.csv.tmp"));
    if (record->is_intended)
        assert_file(place, "a.csv", "hello");
    else
        assert_false(file_exists(place, "a.csv"));
}

static void
every_death_is_recovered_from(void **state)
{
    static const char *const POINTS[] = {
        "local.open.before",      "local.open.created",   "local.seal.before",
        "local.seal.synced",      "local.publish.before", "local.publish.linked",
        "local.publish.unlinked", "local.sync.before",    "local.sync.done",
    };
    static const char *const SECOND[] = {
        "",
        "local.publish.before",
        "local.publish.linked",
        "local.publish.unlinked",
        "local.sync.before",
        "local.abort.before",
        "local.abort.final_removed",
        "local.abort.temporary_removed",
        "local.abort.synced",
    };
    Place *place = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(POINTS); i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(SECOND); k++) {
            *record = (Record){0};
            if (in_child(deliver, place, POINTS[i]) != -SIGKILL)
                fail_msg("%s was not reached", POINTS[i]);
            in_child(recover, place, SECOND[k]);
            assert_int_equal(in_child(recover, place, ""), 0);
            assert_whole_or_gone(place);
            assert_int_equal(in_child(undo, place, SECOND[k]) <= 0, 1);
            assert_int_equal(in_child(undo, place, ""), 0);
            assert_int_equal(count_entries(place->path), 0);
        }
    }
}

static int
put_manifest(Place *place)
{
    Error err = ERROR_INIT;

    return place->dest->driver->put(place->dest, "_rivet/m.json", "new", 3, &err) ? 0 : 1;
}

static void
the_manifest_is_old_or_new(void **state)
{
    static const struct {
        const char *point;
        const char *after;
    } CASES[] = {
        {"local.put.before", "old"},
        {"local.put.synced", "old"},
        {"local.put.renamed", "new"},
        {"local.put.done", "new"},
    };
    Place *place = *state;
    Error err = ERROR_INIT;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        assert_ok(place->dest->driver->put(place->dest, "_rivet/m.json", "old", 3, &err), &err);
        assert_int_equal(in_child(put_manifest, place, CASES[i].point), -SIGKILL);
        assert_file(place, "_rivet/m.json", CASES[i].after);
        assert_int_equal(in_child(put_manifest, place, ""), 0);
        assert_file(place, "_rivet/m.json", "new");
    }
}

static void
simulated_errors_are_reported(void **state)
{
    static const struct {
        const char *fault;
        int status; /* of deliver */
    } CASES[] = {
        {"local.write=ENOSPC", 2},
        {"local.seal.fsync=EIO", 2},
        {"local.publish.link=EACCES", 3},
        {"local.sync=EIO", 3},
    };
    Place *place = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        *record = (Record){0};
        assert_int_equal(in_child(deliver, place, CASES[i].fault), CASES[i].status);
        assert_int_equal(in_child(recover, place, ""), 0);
        assert_whole_or_gone(place);
        assert_int_equal(in_child(undo, place, ""), 0);
    }
}

/* Without hard links a rename that refuses to replace does the same. */
static void
a_file_system_without_links_publishes_by_rename(void **state)
{
    Place *place = *state;

    *record = (Record){0};
    assert_int_equal(in_child(deliver, place, "local.publish.link=EPERM"), 0);
    assert_whole_or_gone(place);
    assert_int_equal(in_child(undo, place, ""), 0);

    write_file(place, "a.csv", "other");
    assert_int_equal(in_child(deliver, place, "local.publish.link=EPERM"), 3);
    assert_file(place, "a.csv", "other");
    assert_true(file_exists(place, ".a.csv.tmp"));
}

static void
passes_are_counted(void **state)
{
    Place *place = *state;

    *record = (Record){0};
    assert_int_equal(in_child(deliver, place, "local.seal.before:2"), 0);
    assert_int_equal(in_child(undo, place, ""), 0);
    assert_int_equal(in_child(deliver, place, "local.seal.before:1"), -SIGKILL);
    assert_int_equal(in_child(deliver, place, "local.seal"), 1); /* leftover, and no such point */
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(every_death_is_recovered_from),
        PLACE_TEST(the_manifest_is_old_or_new),
        PLACE_TEST(simulated_errors_are_reported),
        PLACE_TEST(a_file_system_without_links_publishes_by_rename),
        PLACE_TEST(passes_are_counted),
    };
    record = mmap(NULL, sizeof(*record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (record == MAP_FAILED)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
