#include "../test.h"

#include <time.h>

#include "destination/s3/credentials.h"
#include "http_server.h"
#include "util/clock.h"

/* Credentials before a scripted metadata service. */
typedef struct Scene {
    HttpServer *server;
    HttpClient *http;
    Credentials *credentials;
    Arena arena;
    Error err;
} Scene;

static const DestinationConfig CONFIG = {.region = "us-east-1"};

static void
begin(Scene *scene, const char *variable, const ScriptedReply *replies, size_t count)
{
    char url[64];

    *scene = (Scene){.err = ERROR_INIT};
    scene->server = http_server_start(replies, count);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", http_server_port(scene->server));
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    setenv(variable, url, 1);
    assert_ok(http_client_create(&(HttpPolicy){.attempts = 1}, &scene->http, &scene->err),
              &scene->err);
    assert_ok(credentials_create(&CONFIG, scene->http, &scene->credentials, &scene->err),
              &scene->err);
}

static void
end(Scene *scene, const char *variable)
{
    unsetenv(variable);
    credentials_free(scene->credentials);
    http_client_free(scene->http);
    http_server_stop(scene->server);
    arena_release(&scene->arena);
}

static bool
get(Scene *scene, Keys *keys)
{
    return credentials_get(scene->credentials, &scene->arena, keys, &scene->err);
}

static void
write_keys(char *text, size_t size_bytes, int64_t expires_us)
{
    char until[CLOCK_TEXT_BYTES];
    char body[256];

    clock_format_log(expires_us, until);
    snprintf(body, sizeof(body),
             "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\", \"Expiration\": \"%s\"}", until);
    snprintf(text, size_bytes, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body),
             body);
}

#define DENIED                                                                                     \
    {                                                                                              \
        .bytes = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"                             \
    }

static void
test_a_failed_early_refresh_is_not_repeated_by_each_request(void **state)
{
    static const char VARIABLE[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    char first[512];
    const ScriptedReply replies[] = {{.bytes = first}, DENIED, DENIED, DENIED};
    int64_t expires_us = clock_now_us() + 5 * INT64_C(1000000);
    Scene scene;
    Keys keys;

    (void)state;
    write_keys(first, sizeof(first), expires_us);
    begin(&scene, VARIABLE, replies, ARRAY_LENGTH(replies));
    expires_us -= expires_us % 1000000; /* as the text has it */
    while (http_server_request_count(scene.server) < 2) {
        assert_ok(get(&scene, &keys), &scene.err);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    for (int i = 0; i < 50; i++) {
        bool ok = get(&scene, &keys);
        if (clock_now_us() >= expires_us)
            break; /* a slow machine: from here on asking is right */
        assert_ok(ok, &scene.err);
        assert_int_equal(http_server_request_count(scene.server), 2);
    }
    end(&scene, VARIABLE);
}

#define ANSWER(STATUS)                                                                             \
    {                                                                                              \
        .bytes = "HTTP/1.1 " STATUS " X\r\nContent-Length: 0\r\n\r\n"                              \
    }
#define TEXT                                                                                       \
    {                                                                                              \
        .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext"                                \
    }

static void
test_what_an_instance_without_keys_says(void **state)
{
    static const char VARIABLE[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    static const struct {
        const char *name;
        ScriptedReply replies[3];
        ErrorCode code;
        const char *text;
    } CASES[] = {
        {"nobody", {{.closes = true}}, ERR_DENIED, "no AWS credentials found"},
        {"switched off", {ANSWER("403")}, ERR_DENIED, "no AWS credentials found"},
        {"no such service", {ANSWER("404")}, ERR_DENIED, "no AWS credentials found"},
        {"busy", {ANSWER("429")}, ERR_UNAVAILABLE, "HTTP 429"},
        {"broken", {ANSWER("503")}, ERR_UNAVAILABLE, "HTTP 503"},
        {"no role", {TEXT, ANSWER("404")}, ERR_DENIED, "no AWS credentials found"},
        {"empty list", {TEXT, ANSWER("200")}, ERR_DENIED, "no AWS credentials found"},
        {"list is busy", {TEXT, ANSWER("429")}, ERR_UNAVAILABLE, "HTTP 429"},
        {"list is broken", {TEXT, ANSWER("500")}, ERR_UNAVAILABLE, "HTTP 500"},
        {"role unknown", {TEXT, TEXT, ANSWER("404")}, ERR_DENIED, "role 'text'"},
        {"role is busy", {TEXT, TEXT, ANSWER("503")}, ERR_UNAVAILABLE, "role 'text'"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Scene scene;
        Keys keys;
        begin(&scene, VARIABLE, CASES[i].replies, ARRAY_LENGTH(CASES[i].replies));
        bool ok = get(&scene, &keys);
        if (ok || scene.err.code != CASES[i].code ||
            strstr(scene.err.message, CASES[i].text) == NULL)
            fail_msg("%s: %d, %d, %s", CASES[i].name, ok, scene.err.code, scene.err.message);
        end(&scene, VARIABLE);
    }
}

static void
test_what_a_container_without_keys_says(void **state)
{
    static const char VARIABLE[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    static const struct {
        ScriptedReply reply;
        ErrorCode code;
    } CASES[] = {
        {ANSWER("403"), ERR_DENIED},      {ANSWER("404"), ERR_DENIED},      {TEXT, ERR_DENIED},
        {ANSWER("429"), ERR_UNAVAILABLE}, {ANSWER("500"), ERR_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Scene scene;
        Keys keys;
        begin(&scene, VARIABLE, &CASES[i].reply, 1);
        assert_error(get(&scene, &keys), &scene.err, CASES[i].code, "gave no credentials");
        end(&scene, VARIABLE);
    }
}

int
main(void)
{
    static const char *const UNWANTED[] = {
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_failed_early_refresh_is_not_repeated_by_each_request),
        cmocka_unit_test(test_what_an_instance_without_keys_says),
        cmocka_unit_test(test_what_a_container_without_keys_says),
    };

    for (size_t i = 0; i < ARRAY_LENGTH(UNWANTED); i++)
        unsetenv(UNWANTED[i]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
