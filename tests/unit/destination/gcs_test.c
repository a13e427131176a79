#include "../test.h"

#include "destination/gcs/gcs.h"
#include "util/digest.h"

static HttpAnswer
make_answer(int status, const char *headers, const char *body)
{
    HttpAnswer answer = {.status = status};

    buffer_append_text(&answer.headers, headers);
    buffer_append_text(&answer.body, body);
    buffer_text(&answer.body);
    return answer;
}

static void
a_308_says_how_far_the_store_is(void **state)
{
    static const struct {
        int status;
        const char *headers;
        bool is_progress;
        uint64_t persisted_bytes;
    } CASES[] = {
        {308, "", true, 0},
        {308, "range: bytes=0-262143\n", true, 262144},
        {308, "content-type: text/plain\nrange: bytes=0-0\n", true, 1},
        {308, "range: bytes=0-5497558138879\n", true, 5497558138880},
        {308, "range: 0-41\n", true, 42},
        {308, "range: bytes=1-41\n", false, 0},
        {308, "range: bytes=0-\n", false, 0},
        {308, "range: bytes=0-4x\n", false, 0},
        {308, "range: bytes=0--4\n", false, 0},
        {200, "range: bytes=0-41\n", false, 0},
        {503, "", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        HttpAnswer answer = make_answer(CASES[i].status, CASES[i].headers, "");
        uint64_t persisted = 99;
        assert_int_equal(gcs_session_progress(&answer, &persisted), CASES[i].is_progress);
        if (CASES[i].is_progress)
            assert_int_equal(persisted, CASES[i].persisted_bytes);
        http_answer_free(&answer);
    }
}

static const char OBJECT[] =
    "{\"name\": \"a\", \"size\": \"7\", \"crc32c\": \"yZRlqg==\","
    " \"generation\": \"1700000000000001\","
    " \"metadata\": {\"rivet-part\": \"00112233445566778899aabbccddeeff\"}}";

static void
an_object_is_read_whole_or_not_at_all(void **state)
{
    static const char *const NONE[] = {
        "",
        "[]",
        "no JSON",
        "{}",
        "{\"size\": \"7\"}",
        "{\"size\": 7, \"generation\": \"1\"}",
        "{\"size\": \"-7\", \"generation\": \"1\"}",
        "{\"size\": \"7x\", \"generation\": \"1\"}",
        "{\"size\": \"7\", \"generation\": \"1&a=b\"}",
    };
    GcsObject object;
    HttpAnswer answer = make_answer(200, "", OBJECT);

    (void)state;
    assert_true(gcs_object_parse(&answer, &object));
    assert_true(object.exists);
    assert_int_equal(object.size_bytes, 7);
    assert_string_equal(object.check, "crc32c=yZRlqg==");
    assert_string_equal(object.generation, "1700000000000001");
    assert_string_equal(object.nonce, "00112233445566778899aabbccddeeff");
    http_answer_free(&answer);
    for (size_t i = 0; i < ARRAY_LENGTH(NONE); i++) {
        answer = make_answer(200, "", NONE[i]);
        assert_false(gcs_object_parse(&answer, &object));
        http_answer_free(&answer);
    }
}

static void
ours_is_what_has_our_nonce_and_size(void **state)
{
    const GcsObject object = {
        .exists = true, .size_bytes = 7, .nonce = "00112233445566778899aabbccddeeff"};
    const GcsObject foreign = {.exists = true, .size_bytes = 7};
    const GcsObject absent = {0};
    UploadRef ref = {.nonce = "00112233445566778899aabbccddeeff", .size_bytes = 7};

    (void)state;
    assert_true(gcs_object_is_ours(&object, &ref));
    ref.is_sealed = true;
    assert_true(gcs_object_is_ours(&object, &ref));
    ref.size_bytes = 8;
    assert_false(gcs_object_is_ours(&object, &ref));
    ref.is_sealed = false; /* its size is not known yet */
    assert_true(gcs_object_is_ours(&object, &ref));
    assert_false(gcs_object_is_ours(&foreign, &ref));
    assert_false(gcs_object_is_ours(&absent, &ref));
    ref.nonce[0] = '\0'; /* what nobody marked is nobody's */
    assert_false(gcs_object_is_ours(&foreign, &ref));
}

static void
a_checksum_is_written_as_the_store_does(void **state)
{
    char text[GCS_CHECK_BYTES];

    (void)state;
    gcs_check_text(digest_crc32c(0, "123456789", 9), text);
    assert_string_equal(text, "crc32c=4waSgw==");
    gcs_check_text(0, text);
    assert_string_equal(text, "crc32c=AAAAAA==");
}

#define REASON(word) "{\"error\": {\"message\": \"Why\", \"errors\": [{\"reason\": \"" word "\"}]}}"

static void
a_refusal_names_what_is_missing(void **state)
{
    static const struct {
        int status;
        GcsAction action;
        const char *body;
        ErrorCode code;
        const char *text;
        const char *hint; /* part of it; NULL: none */
    } CASES[] = {
        {403, GCS_START,
         "{\"error\": {\"message\": \"a@b does not have storage.objects.create access.\","
         " \"errors\": [{\"reason\": \"forbidden\"}]}}",
         ERR_DENIED,
         "cannot start the upload of 'gs://bucket/name': HTTP 403 forbidden: a@b does not have "
         "storage.objects.create access; missing permission storage.objects.create",
         "grant the account storage.objects.create on the bucket (role roles/storage.objectUser)"},
        {403, GCS_REMOVE, "{}", ERR_DENIED,
         "cannot remove 'gs://bucket/name': HTTP 403; missing permission storage.objects.delete",
         "storage.objects.delete"},
        {403, GCS_LIST, REASON("insufficientPermissions"), ERR_DENIED,
         "HTTP 403 insufficientPermissions: Why; missing permission storage.objects.list",
         "storage.objects.list"},
        {403, GCS_PUBLISH, REASON("rateLimitExceeded"), ERR_UNAVAILABLE,
         "cannot publish 'gs://bucket/name': HTTP 403 rateLimitExceeded: Why", NULL},
        {403, GCS_SEND, REASON("userRateLimitExceeded"), ERR_UNAVAILABLE,
         "cannot upload 'gs://bucket/name': HTTP 403 userRateLimitExceeded: Why", NULL},
        {403, GCS_REMOVE, REASON("retentionPolicyNotMet"), ERR_DENIED,
         "cannot remove 'gs://bucket/name': HTTP 403 retentionPolicyNotMet: Why", NULL},
        {401, GCS_LOOK,
         "{\"error\": {\"message\": \"Anonymous caller does not have storage.objects.list "
         "access\"}}",
         ERR_DENIED, "storage.objects.list access; missing permission storage.objects.list",
         "storage.objects.list"},
        {401, GCS_LOOK, "", ERR_DENIED, "cannot look at 'gs://bucket/name': HTTP 401",
         "does not accept these credentials"},
        {503, GCS_PUBLISH, "<html>busy</html>", ERR_UNAVAILABLE,
         "cannot publish 'gs://bucket/name': HTTP 503", NULL},
        {502, GCS_SEND, "no way to /upload?upload_id=secret", ERR_UNAVAILABLE,
         "cannot upload 'gs://bucket/name': HTTP 502", NULL},
        {409, GCS_PUBLISH, "", ERR_UNAVAILABLE, "HTTP 409", NULL},
        {410, GCS_SEND, "", ERR_UNAVAILABLE, "cannot upload 'gs://bucket/name': HTTP 410", NULL},
        {416, GCS_READ, "The requested\nrange", ERR_IO, "HTTP 416: The requested range", NULL},
        {400, GCS_START, "{\"error\": {\"message\": \"No\\tgood\\r\\n\"}}", ERR_IO,
         "HTTP 400: No good", NULL},
    };
    const DestinationConfig config = {.bucket = "bucket"};
    const GcsDestination dest = {.base.config = &config};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        HttpAnswer answer = make_answer(CASES[i].status, "", CASES[i].body);
        Error err = ERROR_INIT;
        assert_error(gcs_refuse(&dest, CASES[i].action, "name", &answer, &err), &err, CASES[i].code,
                     CASES[i].text);
        /* No more than that: what is not said must not be there. */
        assert_string_equal(strstr(err.message, CASES[i].text), CASES[i].text);
        assert_int_equal(err.hint != NULL, CASES[i].hint != NULL);
        assert_true(err.hint == NULL || strstr(err.hint, CASES[i].hint) != NULL);
        http_answer_free(&answer);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_308_says_how_far_the_store_is),
        cmocka_unit_test(an_object_is_read_whole_or_not_at_all),
        cmocka_unit_test(ours_is_what_has_our_nonce_and_size),
        cmocka_unit_test(a_checksum_is_written_as_the_store_does),
        cmocka_unit_test(a_refusal_names_what_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
