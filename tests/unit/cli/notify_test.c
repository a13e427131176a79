#include "../test.h"

#include "cli/notify.h"

static const struct {
    const char *name, *item, *want;
} SLACK_CASES[] = {
    {"failed",
     "{\"export\":\"a\",\"run_id\":\"a_1\",\"status\":\"failed\",\"rows\":7,\"duration_ms\":12,"
     "\"schema\":null,\"error\":{\"message\":\"no <b> & \\\"c\\\"\"}}",
     "{\"attachments\":[{\"color\":\"#e74c3c\",\"title\":\"Rivet: a_1\",\"text\":\"*a* | status: "
     "`failed` | rows: 7 | duration: 12ms\\nerror: no &lt;b&gt; &amp; "
     "\\\"c\\\"\",\"footer\":\"rivet "
     "export notification\"}]}"},
    {"changed",
     "{\"export\":\"a\",\"run_id\":\"a_1\",\"status\":\"success\",\"rows\":0,\"duration_ms\":0,"
     "\"schema\":\"changed\",\"error\":null}",
     "{\"attachments\":[{\"color\":\"#f39c12\",\"title\":\"Rivet: a_1\",\"text\":\"*a* | status: "
     "`success` | rows: 0 | duration: 0ms\\nschema changed\",\"footer\":\"rivet export "
     "notification\"}]}"},
    {"failed and changed",
     "{\"export\":\"a\",\"run_id\":\"a_1\",\"status\":\"failed\",\"rows\":1,\"duration_ms\":2,"
     "\"schema\":\"changed\",\"error\":{\"message\":\"m\"}}",
     "{\"attachments\":[{\"color\":\"#e74c3c\",\"title\":\"Rivet: a_1\",\"text\":\"*a* | status: "
     "`failed` | rows: 1 | duration: 2ms\\nerror: m\\nschema changed\",\"footer\":\"rivet export "
     "notification\"}]}"},
    {"a process that died",
     "{\"export\":\"a\",\"run_id\":null,\"status\":\"failed\",\"error\":{\"message\":\"m\"}}",
     "{\"attachments\":[{\"color\":\"#e74c3c\",\"title\":\"Rivet: -\",\"text\":\"*a* | status: "
     "`failed` | rows: 0 | duration: 0ms\\nerror: m\",\"footer\":\"rivet export notification\"}]}"},
};

static void
test_slack_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(SLACK_CASES); i++) {
        json_t *item = json_loads(SLACK_CASES[i].item, 0, NULL);
        assert_non_null(item);
        json_t *message = slack_message(item);
        char *text = json_dumps(message, JSON_COMPACT);
        if (strcmp(text, SLACK_CASES[i].want) != 0)
            fail_msg("%s: %s", SLACK_CASES[i].name, text);
        free(text);
        json_decref(message);
        json_decref(item);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slack_message)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
