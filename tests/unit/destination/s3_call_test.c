#include "../test.h"

#include "destination/s3/s3.h"
#include "http_server.h"

/* A bucket of a scripted store that asks for no signature. */
typedef struct Scene {
    HttpServer *server;
    char endpoint[64];
    DestinationConfig config;
    Destination *base;
    S3Destination *dest;
    Error err;
} Scene;

static void
begin(Scene *scene, const ScriptedReply *replies, size_t count)
{
    *scene = (Scene){.err = ERROR_INIT};
    scene->server = http_server_start(replies, count);
    snprintf(scene->endpoint, sizeof(scene->endpoint), "http://127.0.0.1:%d",
             http_server_port(scene->server));
    scene->config = (DestinationConfig){.bucket = "b",
                                        .region = "us-east-1",
                                        .endpoint = scene->endpoint,
                                        .allow_anonymous = true,
                                        .part_mb = 5};
    assert_ok(S3_DRIVER.connect(&scene->config, &scene->base, &scene->err), &scene->err);
    scene->dest = (S3Destination *)scene->base;
}

static void
end(Scene *scene)
{
    S3_DRIVER.free(scene->base);
    http_server_stop(scene->server);
}

static void
assert_requests(Scene *scene, const char *const *lines, size_t count)
{
    assert_int_equal(http_server_request_count(scene->server), count);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(http_server_request(scene->server, i), lines[i], strlen(lines[i]));
}

/* "HTTP/1.1 200 OK" with a body; texts live as long as the program. */
static ScriptedReply
page(const char *body)
{
    static char texts[32][1024];
    static size_t used;
    char *text = texts[used++];

    assert_true(used <= ARRAY_LENGTH(texts));
    snprintf(text, sizeof(texts[0]), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    return (ScriptedReply){.bytes = text};
}

static const ScriptedReply NO_CONTENT = {.bytes = "HTTP/1.1 204 No Content\r\n\r\n"};

#define PARTS(MORE, PARTS_TEXT)                                                                    \
    "<ListPartsResult><IsTruncated>" MORE "</IsTruncated>" PARTS_TEXT "</ListPartsResult>"
#define PART(NUMBER)                                                                               \
    "<Part><PartNumber>" NUMBER "</PartNumber><ETag>&quot;" NUMBER "&quot;</ETag></Part>"

static void
test_list_of_parts(void **state)
{
    const ScriptedReply replies[] = {page(PARTS("true", PART("1"))),
                                     page(PARTS("false", PART("2") PART("3")))};
    Scene scene;
    S3UploadPart *parts = NULL;
    size_t count = 0;
    bool is_gone = true;

    (void)state;
    begin(&scene, replies, 2);
    assert_ok(s3_multipart_list_parts(scene.dest, "k", "id", &parts, &count, &is_gone, &scene.err),
              &scene.err);
    assert_false(is_gone);
    assert_int_equal(count, 3);
    assert_string_equal(parts[2].etag, "\"3\"");
    free(parts);
    end(&scene);
}

static void
test_list_of_parts_without_end(void **state)
{
    const ScriptedReply replies[] = {page(PARTS("true", PART("1"))), page(PARTS("true", ""))};
    Scene scene;
    S3UploadPart *parts = NULL;
    size_t count = 0;
    bool is_gone = false;

    (void)state;
    begin(&scene, replies, 2);
    assert_error(
        s3_multipart_list_parts(scene.dest, "k", "id", &parts, &count, &is_gone, &scene.err),
        &scene.err, ERR_UNAVAILABLE, "list of upload parts makes no sense");
    assert_int_equal(http_server_request_count(scene.server), 2);
    free(parts);
    end(&scene);
}

#define UPLOADS(MORE, TEXT)                                                                        \
    "<ListMultipartUploadsResult><IsTruncated>" MORE "</IsTruncated>" TEXT                         \
    "</ListMultipartUploadsResult>"
#define UPLOAD(KEY, ID) "<Upload><Key>" KEY "</Key><UploadId>" ID "</UploadId></Upload>"
#define MARKERS(KEY, ID)                                                                           \
    "<NextKeyMarker>" KEY "</NextKeyMarker><NextUploadIdMarker>" ID "</NextUploadIdMarker>"

static void
test_uploads_beyond_the_first_page_are_stopped(void **state)
{
    static const char *const LINES[] = {
        "GET /b?prefix=k&uploads= ",
        "GET /b?key-marker=k%2B&prefix=k&upload-id-marker=one&uploads= ",
        "DELETE /b/k?uploadId=two ",
        "GET /b?prefix=k&uploads= ",
    };
    const ScriptedReply replies[] = {
        page(UPLOADS("true", UPLOAD("k+", "one") MARKERS("k+", "one"))),
        page(UPLOADS("false", UPLOAD("k", "two"))), NO_CONTENT,
        page(UPLOADS("false", UPLOAD("k+", "one")))};
    Scene scene;

    (void)state;
    begin(&scene, replies, ARRAY_LENGTH(replies));
    assert_ok(s3_multipart_abort_all(scene.dest, "k", NULL, &scene.err), &scene.err);
    assert_requests(&scene, LINES, ARRAY_LENGTH(LINES));
    end(&scene);
}

static void
test_a_list_of_uploads_that_cannot_go_on_is_an_error(void **state)
{
    static const char *const FIRST[] = {
        UPLOADS("true", ""),
        UPLOADS("true", UPLOAD("k+", "one") MARKERS("k+", "one")),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(FIRST); i++) {
        const ScriptedReply replies[] = {page(FIRST[i]), page(FIRST[i])};
        Scene scene;
        begin(&scene, replies, 2);
        assert_error(s3_multipart_abort_all(scene.dest, "k", NULL, &scene.err), &scene.err,
                     ERR_UNAVAILABLE, "list of uploads makes no sense");
        end(&scene);
    }
}

/* What a store writes while it works, to keep the connection open. */
static void
test_blanks_before_an_answer(void **state)
{
    const ScriptedReply replies[] = {
        page(" \r\n\t\n<?xml version=\"1.0\"?><CompleteMultipartUploadResult>"
             "<ETag>&quot;abc-1&quot;</ETag></CompleteMultipartUploadResult>")};
    const UploadRef ref = {.key = "k",
                           .nonce = "0123",
                           .reference = "id 1 \"abc\"",
                           .store_check = "etag=abc-1",
                           .is_sealed = true};
    PublishResult result = PUBLISH_GONE;
    Scene scene;

    (void)state;
    begin(&scene, replies, 1);
    assert_ok(s3_publish(scene.base, &ref, &result, &scene.err), &scene.err);
    assert_int_equal(result, PUBLISH_DONE);
    assert_int_equal(http_server_request_count(scene.server), 1);
    end(&scene);
}

#define OBJECT(STATUS, HEADERS)                                                                    \
    {                                                                                              \
        .bytes = "HTTP/1.1 " STATUS "\r\nx-amz-meta-rivet-part: 0123\r\n" HEADERS "\r\n\r\nx",     \
        .closes = true                                                                             \
    }

static void
test_whose_an_object_is(void **state)
{
    static const struct {
        const char *name;
        ScriptedReply reply;
        ErrorCode code;
        ProbeResult result;
    } CASES[] = {
        {"ours", OBJECT("206 P", "Content-Length: 1\r\nContent-Range: bytes 0-0/7"), ERR_NONE,
         PROBE_OURS},
        {"another size", OBJECT("206 P", "Content-Length: 1\r\nContent-Range: bytes 0-0/8"),
         ERR_NONE, PROBE_FOREIGN},
        {"size unknown", OBJECT("206 P", "Content-Length: 1\r\nContent-Range: bytes 0-0/*"),
         ERR_UNAVAILABLE, PROBE_ABSENT},
        {"no range", OBJECT("206 P", "Content-Length: 1"), ERR_UNAVAILABLE, PROBE_ABSENT},
        {"odd range", OBJECT("206 P", "Content-Length: 1\r\nContent-Range: bytes 0-0/7x"),
         ERR_UNAVAILABLE, PROBE_ABSENT},
        {"whole, no length", OBJECT("200 OK", "Connection: close"), ERR_UNAVAILABLE, PROBE_ABSENT},
    };
    const UploadRef ref = {.key = "k", .nonce = "0123", .size_bytes = 7, .is_sealed = true};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Scene scene;
        ProbeResult result = PROBE_ABSENT;
        begin(&scene, &CASES[i].reply, 1);
        bool ok = s3_probe(scene.base, &ref, &result, &scene.err);
        if (scene.err.code != CASES[i].code || ok != (CASES[i].code == ERR_NONE) ||
            result != CASES[i].result)
            fail_msg("%s: %d %d %s", CASES[i].name, ok, result, scene.err.message);
        end(&scene);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_of_parts),
        cmocka_unit_test(test_list_of_parts_without_end),
        cmocka_unit_test(test_uploads_beyond_the_first_page_are_stopped),
        cmocka_unit_test(test_a_list_of_uploads_that_cannot_go_on_is_an_error),
        cmocka_unit_test(test_blanks_before_an_answer),
        cmocka_unit_test(test_whose_an_object_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
