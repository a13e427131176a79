/* Tokens, on a clock and before an endpoint of the test's own: the linker puts them in the place of
 * clock_now_us and http_send. */
#include "../test.h"

#include <unistd.h>

#include "destination/gcs/credentials.h"
#include "util/clock.h"

static struct {
    int64_t now_s;
    int status; /* of the token endpoint */
    int asked;  /* times; the token's number */
    int64_t lifetime_s;
} world;

int64_t __wrap_clock_now_us(void);
bool __wrap_http_send(HttpClient *client, HttpRequest *request, HttpAnswer *answer, Error *err);

int64_t
__wrap_clock_now_us(void)
{
    return world.now_s * 1000000;
}

bool
__wrap_http_send(HttpClient *client, HttpRequest *request, HttpAnswer *answer, Error *err)
{
    (void)client;
    (void)request;
    (void)err;
    world.asked++;
    answer->status = world.status;
    buffer_append_format(&answer->body, "{\"access_token\": \"token-%d\", \"expires_in\": %d}",
                         world.asked, (int)world.lifetime_s);
    return true;
}

static GcsCredentials *
find(int64_t lifetime_s)
{
    static const char FILE_TEXT[] =
        "{\"type\": \"authorized_user\", \"client_id\": \"c\", \"client_secret\": \"s\","
        " \"refresh_token\": \"r\", \"token_uri\": \"http://endpoint/token\"}";
    char path[] = "/tmp/rivet_credentials_XXXXXX";
    int fd = mkstemp(path);
    GcsCredentials *credentials = NULL;
    Error err = ERROR_INIT;

    world.now_s = 1000;
    world.status = 200;
    world.asked = 0;
    world.lifetime_s = lifetime_s;
    assert_int_equal(write(fd, FILE_TEXT, strlen(FILE_TEXT)), strlen(FILE_TEXT));
    close(fd);
    bool ok =
        gcs_credentials_find(&(DestinationConfig){.bucket = "bucket", .credentials_file = path},
                             NULL, &credentials, &err);
    unlink(path);
    assert_ok(ok, &err);
    assert_int_equal(world.asked, 1);
    return credentials;
}

static void
a_failed_early_renewal_waits_a_little(void **state)
{
    static const struct {
        int64_t at_s; /* of the token's life */
        int status;
        int asked; /* in all, after that request */
        const char *header;
    } STEPS[] = {
        {0, 403, 1, "Bearer token-1"},
        {774, 403, 1, "Bearer token-1"},
        {775, 403, 2, "Bearer token-1"},
        {776, 403, 2, "Bearer token-1"},
        {784, 403, 2, "Bearer token-1"},
        {785, 503, 3, "Bearer token-1"},
        {786, 200, 3, "Bearer token-1"},
        {995, 403, 4, "Bearer token-1"},
        {999, 200, 4, "Bearer token-1"},
        {1000, 403, 5, NULL}, /* ended: now it is a failure */
        {1001, 403, 6, NULL},
        {1002, 200, 7, "Bearer token-7"},
        {1003, 200, 7, "Bearer token-7"},
    };
    GcsCredentials *credentials = find(1000);
    Buffer header = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(STEPS); i++) {
        Error err = ERROR_INIT;
        world.now_s = 1000 + STEPS[i].at_s;
        world.status = STEPS[i].status;
        bool ok = gcs_credentials_header(credentials, false, &header, &err);
        if (ok != (STEPS[i].header != NULL) || world.asked != STEPS[i].asked)
            fail_msg("after %d s: asked %d times, %s", (int)STEPS[i].at_s, world.asked,
                     err.message);
        if (ok)
            assert_string_equal(buffer_text(&header), STEPS[i].header);
    }
    buffer_release(&header);
    gcs_credentials_free(credentials);
}

static void
one_refused_token_is_replaced_once(void **state)
{
    enum { WORKERS = 3 };
    GcsCredentials *credentials = find(3600);
    Buffer headers[WORKERS] = {0};
    Error err = ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < WORKERS; i++) {
        assert_ok(gcs_credentials_header(credentials, false, &headers[i], &err), &err);
        assert_string_equal(buffer_text(&headers[i]), "Bearer token-1");
    }
    for (size_t i = 0; i < WORKERS; i++) {
        assert_ok(gcs_credentials_header(credentials, true, &headers[i], &err), &err);
        assert_string_equal(buffer_text(&headers[i]), "Bearer token-2");
    }
    assert_int_equal(world.asked, 2);
    assert_ok(gcs_credentials_header(credentials, true, &headers[0], &err), &err);
    assert_string_equal(buffer_text(&headers[0]), "Bearer token-3");
    for (size_t i = 0; i < WORKERS; i++)
        buffer_release(&headers[i]);
    gcs_credentials_free(credentials);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_early_renewal_waits_a_little),
        cmocka_unit_test(one_refused_token_is_replaced_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
