#include "../test.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "http_server.h"
#include "util/clock.h"
#include "util/http.h"
#include "util/interrupt.h"

static const char OK_TEXT[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"abc\"\r\n\r\nhello";
static const char OK_EMPTY[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static const char BUSY[] = "HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\n\r\nbusy";
static const char BUSY_1S[] =
    "HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
static const char BUSY_1H[] =
    "HTTP/1.1 429 Too Many\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n";
static const char MISSING[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
static const char CUT[] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal";
static const char PREAMBLE[] = "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
                               "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nX-Last: 2\r\n\r\n";

enum { SILENCE_MS = 600000 };

/* A client before a scripted server. */
typedef struct Scene {
    HttpServer *server;
    HttpClient *client;
    HttpAnswer answer;
    Error err;
    char url[128];
} Scene;

static void
begin(Scene *scene, const ScriptedReply *replies, size_t count, HttpPolicy policy)
{
    *scene = (Scene){.err = ERROR_INIT};
    scene->server = http_server_start(replies, count);
    if (policy.retry_pause_first_ms == 0)
        policy.retry_pause_first_ms = 2;
    assert_ok(http_client_create(&policy, &scene->client, &scene->err), &scene->err);
    snprintf(scene->url, sizeof(scene->url), "http://127.0.0.1:%d/a%%20b/c?token=geheim",
             http_server_port(scene->server));
}

static void
end(Scene *scene)
{
    http_answer_free(&scene->answer);
    http_client_free(scene->client);
    http_server_stop(scene->server);
}

static bool
send_get(Scene *scene, HttpRequest request)
{
    http_answer_free(&scene->answer);
    error_clear(&scene->err);
    request.url = scene->url;
    request.without_proxy = true;
    if (request.method == NULL)
        request.method = "GET";
    return http_send(scene->client, &request, &scene->answer, &scene->err);
}

static void
test_answer(void **state)
{
    static const ScriptedReply replies[] = {{.bytes = OK_TEXT}, {.bytes = PREAMBLE}};
    Scene scene;
    char value[16];

    (void)state;
    begin(&scene, replies, 2, (HttpPolicy){0});
    assert_ok(send_get(&scene, (HttpRequest){0}), &scene.err);
    assert_int_equal(scene.answer.status, 200);
    assert_int_equal(scene.answer.attempts, 1);
    assert_string_equal((char *)scene.answer.body.data, "hello");
    assert_true(http_header(&scene.answer, "etag", value, sizeof(value)));
    assert_string_equal(value, "\"abc\"");
    assert_false(http_header(&scene.answer, "x-none", value, sizeof(value)));
    assert_string_equal(value, "");

    assert_ok(send_get(&scene, (HttpRequest){0}), &scene.err);
    assert_int_equal(scene.answer.status, 201);
    assert_false(http_header(&scene.answer, "x-interim", value, sizeof(value)));
    assert_true(http_header(&scene.answer, "x-last", value, sizeof(value)));
    assert_int_equal(http_server_connection_count(scene.server), 1);
    end(&scene);
}

static void
test_methods(void **state)
{
    static const struct {
        const char *method, *body, *head, *length;
    } CASES[] = {
        {"GET", NULL, "GET /a%20b/c?token=geheim HTTP/1.1\r\n", NULL},
        {"PUT", "abc", "PUT /a%20b/c?token=geheim HTTP/1.1\r\n", "\r\nContent-Length: 3\r\n"},
        {"PUT", NULL, "PUT ", "\r\nContent-Length: 0\r\n"},
        {"POST", NULL, "POST ", "\r\nContent-Length: 0\r\n"},
        {"DELETE", NULL, "DELETE ", NULL},
    };
    static const ScriptedReply replies[ARRAY_LENGTH(CASES)] = {{.bytes = OK_TEXT},
                                                               {.bytes = OK_TEXT},
                                                               {.bytes = OK_TEXT},
                                                               {.bytes = OK_TEXT},
                                                               {.bytes = OK_TEXT}};
    Scene scene;

    (void)state;
    begin(&scene, replies, ARRAY_LENGTH(CASES), (HttpPolicy){0});
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        HttpRequest request = {.method = CASES[i].method, .body = CASES[i].body};
        request.body_bytes = request.body == NULL ? 0 : strlen(request.body);
        http_set_header(&request, "X-One", "1");
        http_set_header(&request, "x-one", "2");
        http_set_header(&request, "X-Empty", "");
        assert_ok(send_get(&scene, request), &scene.err);
        const char *sent = http_server_request(scene.server, i);
        assert_memory_equal(sent, CASES[i].head, strlen(CASES[i].head));
        assert_non_null(strstr(sent, "\r\nx-one: 2\r\n"));
        assert_null(strstr(sent, "X-One: 1"));
        assert_non_null(strstr(sent, "\r\nX-Empty:\r\n"));
        assert_null(strstr(sent, "Expect"));
        assert_null(strstr(sent, "form-urlencoded"));
        if (CASES[i].length != NULL)
            assert_non_null(strstr(sent, CASES[i].length));
        else
            assert_null(strstr(sent, "Content-Length"));
        if (CASES[i].body != NULL)
            assert_string_equal(strstr(sent, "\r\n\r\n") + 4, CASES[i].body);
    }
    end(&scene);
}

static void
test_head_has_no_body(void **state)
{
    static const ScriptedReply replies[] = {
        {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}, {.bytes = OK_TEXT}};
    Scene scene;

    (void)state;
    begin(&scene, replies, 2, (HttpPolicy){0});
    assert_ok(send_get(&scene, (HttpRequest){.method = "HEAD"}), &scene.err);
    assert_int_equal(scene.answer.body.size, 0);
    assert_ok(send_get(&scene, (HttpRequest){0}), &scene.err); /* the handle has forgotten HEAD */
    assert_int_equal(scene.answer.body.size, 5);
    end(&scene);
}

static bool
is_error_text(void *context, const HttpAnswer *answer)
{
    (void)context;
    return answer->body.size == 5;
}

static bool
stamp_attempt(void *context, HttpRequest *request, int attempt, Error *err)
{
    static const char *const TEXTS[] = {"0", "1", "2", "3"};

    (void)context;
    (void)err;
    http_set_header(request, "X-Attempt", TEXTS[attempt]);
    return true;
}

static void
test_retries(void **state)
{
    static const struct {
        const char *name;
        ScriptedReply replies[4];
        HttpRequest request;
        int attempts, status; /* status 0: no answer */
    } CASES[] = {
        {"busy twice", {{.bytes = BUSY}, {.bytes = BUSY}, {.bytes = OK_TEXT}}, {0}, 3, 200},
        {"busy to the end", {{.bytes = BUSY}, {.bytes = BUSY}, {.bytes = BUSY}}, {0}, 3, 503},
        {"not found is final", {{.bytes = MISSING}}, {0}, 1, 404},
        {"closed without a word", {{0}, {.bytes = OK_TEXT}}, {0}, 2, 200},
        {"cut answer", {{.bytes = CUT, .closes = true}, {.bytes = OK_TEXT}}, {0}, 2, 200},
        {"no answer ever", {{0}, {0}, {0}}, {0}, 3, 0},
        {"once", {{.bytes = BUSY}}, {.once = true}, 1, 503},
        {"once, no answer", {{0}, {.bytes = OK_TEXT}}, {.once = true}, 1, 0},
        {"error in a 200",
         {{.bytes = OK_TEXT}, {.bytes = OK_EMPTY}},
         {.should_retry = is_error_text},
         2,
         200},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Scene scene;
        HttpRequest request = CASES[i].request;
        begin(&scene, CASES[i].replies, 4, (HttpPolicy){.attempts = 3});
        request.prepare = stamp_attempt;
        bool ok = send_get(&scene, request);
        if (ok != (CASES[i].status != 0) || scene.answer.status != CASES[i].status ||
            scene.answer.attempts != CASES[i].attempts)
            fail_msg("%s: %d, status %d, attempts %d, %s", CASES[i].name, ok, scene.answer.status,
                     scene.answer.attempts, scene.err.message);
        if (!ok) {
            assert_int_equal(scene.err.code, ERR_UNAVAILABLE);
            assert_non_null(strstr(scene.err.message, "GET http://127.0.0.1"));
            assert_null(strstr(scene.err.message, "geheim"));
        }
        for (int n = 0; n < CASES[i].attempts; n++) {
            char want[32];
            snprintf(want, sizeof(want), "\r\nX-Attempt: %d\r\n", n + 1);
            assert_non_null(strstr(http_server_request(scene.server, (size_t)n), want));
        }
        end(&scene);
    }
}

static void
test_repeats_of_the_library_are_counted(void **state)
{
    /* The second request meets a connection that the server closes on it. */
    static const ScriptedReply replies[] = {{.bytes = OK_TEXT}, {0}, {.bytes = OK_TEXT}};
    Scene scene;

    (void)state;
    begin(&scene, replies, 3, (HttpPolicy){0});
    assert_ok(send_get(&scene, (HttpRequest){0}), &scene.err);
    assert_ok(send_get(&scene, (HttpRequest){0}), &scene.err);
    assert_int_equal(scene.answer.status, 200);
    assert_int_equal(scene.answer.attempts, 2);
    end(&scene);
}

static void
test_retry_after(void **state)
{
    static const ScriptedReply replies[] = {
        {.bytes = BUSY_1S}, {.bytes = OK_TEXT}, {.bytes = BUSY_1H}, {.bytes = OK_TEXT}};
    Scene scene;

    (void)state;
    begin(&scene, replies, 2, (HttpPolicy){0});
    int64_t before = clock_monotonic_ms();
    assert_ok(send_get(&scene, (HttpRequest){0}), &scene.err);
    assert_true(clock_monotonic_ms() - before >= 1000);
    end(&scene);
    /* An hour is not waited for. */
    begin(&scene, replies + 2, 2, (HttpPolicy){.retry_pause_max_ms = 50});
    assert_ok(send_get(&scene, (HttpRequest){0}), &scene.err);
    end(&scene);
}

static void
test_limits(void **state)
{
    static const ScriptedReply replies[] = {{.bytes = OK_TEXT},
                                            {.bytes = OK_TEXT, .delay_ms = SILENCE_MS}};
    Scene scene;

    (void)state;
    begin(&scene, replies, 1, (HttpPolicy){.attempts = 1});
    assert_error(send_get(&scene, (HttpRequest){.answer_limit_bytes = 4}), &scene.err, ERR_FORMAT,
                 "larger than expected");
    end(&scene);
    begin(&scene, replies + 1, 1, (HttpPolicy){.attempts = 1, .stall_timeout_ms = 100});
    assert_error(send_get(&scene, (HttpRequest){0}), &scene.err, ERR_UNAVAILABLE, "timed out");
    end(&scene);
    begin(&scene, replies + 1, 1, (HttpPolicy){.attempts = 1, .total_timeout_ms = 200});
    assert_error(send_get(&scene, (HttpRequest){0}), &scene.err, ERR_UNAVAILABLE, "timed out");
    end(&scene);
}

static void
test_addresses(void **state)
{
    static const struct {
        const char *url;
        ErrorCode code;
    } CASES[] = {
        {"file:///etc/passwd", ERR_CONFIG},
        {"no address at all", ERR_CONFIG},
        {"http://127.0.0.1:1/", ERR_UNAVAILABLE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Scene scene;
        begin(&scene, NULL, 0, (HttpPolicy){.attempts = 2});
        snprintf(scene.url, sizeof(scene.url), "%s", CASES[i].url);
        assert_false(send_get(&scene, (HttpRequest){0}));
        assert_int_equal(scene.err.code, CASES[i].code);
        end(&scene);
    }
}

static void
test_hidden_path(void **state)
{
    Scene scene;

    (void)state;
    begin(&scene, NULL, 0, (HttpPolicy){.attempts = 1});
    snprintf(scene.url, sizeof(scene.url), "http://127.0.0.1:1/hooks/geheim");
    assert_error(send_get(&scene, (HttpRequest){.hides_path = true}), &scene.err, ERR_UNAVAILABLE,
                 "GET http://127.0.0.1:1: ");
    assert_null(strstr(scene.err.message, "geheim"));
    end(&scene);
}

static const struct {
    const char *reply;
    bool is_plain; /* http: the proxy stands in the place of the server */
    size_t request_count;
    ErrorCode code;
    const char *words, *hint;
} REFUSALS[] = {
    {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", false, 2, ERR_UNAVAILABLE,
     "the proxy refuses the connection with status 502", NULL},
    {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", false, 1, ERR_DENIED,
     "the proxy refuses the connection with status 403", "no_proxy"},
    {"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", false, 1,
     ERR_DENIED, "GET https://server.invalid/: the proxy refuses the connection with status 407",
     "user and password"},
    {"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", true, 1,
     ERR_DENIED, "GET http://server.invalid/: the proxy refuses the connection with status 407",
     "user and password"},
};

/* A proxy's answer is not the server's, and what it keeps from the server is no attempt there. */
static void
test_proxy_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(REFUSALS); i++) {
        const ScriptedReply reply = {.bytes = REFUSALS[i].reply, .closes = true};
        const char *variable = REFUSALS[i].is_plain ? "http_proxy" : "https_proxy";
        HttpRequest request = {.method = "GET",
                               .url = REFUSALS[i].is_plain ? "http://server.invalid/"
                                                           : "https://server.invalid/"};
        Scene scene;
        char proxy[64];
        begin(&scene, (const ScriptedReply[]){reply, reply}, 2, (HttpPolicy){.attempts = 2});
        snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", http_server_port(scene.server));
        setenv(variable, proxy, 1);
        setenv("no_proxy", "", 1);
        assert_error(http_send(scene.client, &request, &scene.answer, &scene.err), &scene.err,
                     REFUSALS[i].code, REFUSALS[i].words);
        unsetenv(variable);
        unsetenv("no_proxy");
        assert_int_equal(http_server_request_count(scene.server), REFUSALS[i].request_count);
        assert_int_equal(scene.answer.status, 0);
        assert_int_equal(scene.answer.attempts, REFUSALS[i].is_plain);
        assert_true((scene.err.hint != NULL) == (REFUSALS[i].hint != NULL));
        assert_true(scene.err.hint == NULL || strstr(scene.err.hint, REFUSALS[i].hint) != NULL);
        end(&scene);
    }
}

static atomic_bool is_cancelled;

/* Cancels once the first request is with the server, which says nothing. */
static void *
cancel_when_asked(void *context)
{
    while (http_server_request_count(context) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    atomic_store(&is_cancelled, true);
    return NULL;
}

static bool
cancel_and_repeat(void *context, const HttpAnswer *answer)
{
    (void)context;
    (void)answer;
    atomic_store(&is_cancelled, true);
    return true;
}

static void
test_cancel(void **state)
{
    static const ScriptedReply replies[] = {{.bytes = OK_TEXT, .delay_ms = SILENCE_MS},
                                            {.bytes = OK_TEXT}};
    const HttpPolicy slow = {.stall_timeout_ms = SILENCE_MS,
                             .retry_pause_first_ms = SILENCE_MS,
                             .retry_pause_max_ms = SILENCE_MS};
    HttpRequest request = {.is_cancelled = &is_cancelled, .runs_to_the_end = true};
    Scene scene;
    pthread_t thread;

    (void)state;
    begin(&scene, replies, 1, slow); /* while it waits for an answer */
    assert_int_equal(pthread_create(&thread, NULL, cancel_when_asked, scene.server), 0);
    assert_error(send_get(&scene, request), &scene.err, ERR_INTERRUPTED, "given up");
    pthread_join(thread, NULL);
    /* before it is sent */
    assert_error(send_get(&scene, request), &scene.err, ERR_INTERRUPTED, "given up");
    assert_int_equal(http_server_request_count(scene.server), 1);
    end(&scene);
    atomic_store(&is_cancelled, false);
    request.should_retry = cancel_and_repeat;
    begin(&scene, replies + 1, 1, slow); /* between two attempts */
    assert_error(send_get(&scene, request), &scene.err, ERR_INTERRUPTED, "given up");
    end(&scene);
}

/* Both requests together have the time that one had: the second is not even sent. */
static void
test_last_words(void **state)
{
    static const ScriptedReply replies[] = {{.bytes = OK_TEXT, .delay_ms = SILENCE_MS}};
    const HttpRequest request = {.runs_to_the_end = true};
    Scene scene;

    (void)state;
    begin(&scene, replies, 1, (HttpPolicy){.stall_timeout_ms = SILENCE_MS});
    assert_true(interrupt_age_ms() > 0);
    assert_error(send_get(&scene, request), &scene.err, ERR_INTERRUPTED, "SIGINT");
    assert_int_equal(http_server_request_count(scene.server), 1);
    assert_true(interrupt_age_ms() >= 8000);
    end(&scene);
    begin(&scene, replies, 1, (HttpPolicy){.stall_timeout_ms = SILENCE_MS});
    assert_error(send_get(&scene, request), &scene.err, ERR_INTERRUPTED, "SIGINT");
    assert_int_equal(http_server_request_count(scene.server), 0);
    end(&scene);
}

static void
test_stop(void **state)
{
    static const ScriptedReply replies[] = {
        {.bytes = BUSY}, {.bytes = OK_TEXT}, {.bytes = OK_TEXT, .delay_ms = 200}};
    Scene scene;

    (void)state;
    begin(&scene, replies, 3, (HttpPolicy){0});
    interrupt_install();
    raise(SIGINT);
    assert_error(send_get(&scene, (HttpRequest){0}), &scene.err, ERR_INTERRUPTED, "SIGINT");
    size_t seen = http_server_request_count(scene.server);
    assert_ok(send_get(&scene, (HttpRequest){.runs_to_the_end = true}), &scene.err);
    assert_int_equal(scene.answer.status, 200);
    assert_true(http_server_request_count(scene.server) > seen);
    end(&scene);
}

static void
test_encode(void **state)
{
    static const struct {
        const char *text, *want;
        bool keep_slash;
    } CASES[] = {
        {"a-b._~Z9", "a-b._~Z9", false},
        {"a/b c+d%", "a/b%20c%2Bd%25", true},
        {"a/b=&", "a%2Fb%3D%26", false},
        {"\xc3\xa4", "%C3%A4", false},
        {"", "", false},
    };
    Buffer out = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        buffer_reset(&out);
        http_encode(CASES[i].text, CASES[i].keep_slash, &out);
        assert_string_equal(buffer_text(&out), CASES[i].want);
    }
    buffer_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_head_has_no_body),
        cmocka_unit_test(test_retries),
        cmocka_unit_test(test_repeats_of_the_library_are_counted),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_hidden_path),
        cmocka_unit_test(test_proxy_refusals),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_stop), /* a signal is never forgotten: nothing but what follows it */
        cmocka_unit_test(test_last_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
