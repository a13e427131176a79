#include "fixture.h"

#include <unistd.h>

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Where the URL comes from and whether it shows a password. */
static const struct {
    const char *name, *source, *variable, *file;
    const char *want; /* NULL: refused */
    bool has_password;
    const char *message;
} URL_CASES[] = {
    {"url", "type: postgres, url: 'postgresql://u:p@h/d'", NULL, NULL, "postgresql://u:p@h/d", true,
     NULL},
    {"url without password", "type: postgres, url: 'postgres://u@h:5432/d'", NULL, NULL,
     "postgres://u@h:5432/d", false, NULL},
    {"empty password", "type: postgres, url: 'postgres://u:@h/d'", NULL, NULL, "postgres://u:@h/d",
     false, NULL},
    {"no user", "type: postgres, url: 'postgres://h:5432/d'", NULL, NULL, "postgres://h:5432/d",
     false, NULL},
    {"odd password", "type: mysql, url: 'mysql://u:a@b:c/d#e%2f@h:3306/d'", NULL, NULL,
     "mysql://u:a@b:c/d#e%2f@h:3306/d", true, NULL},
    {"password in the query part", "type: postgres, url: 'postgres://h/d?password=x'", NULL, NULL,
     "postgres://h/d?password=x", true, NULL},
    {"an @ in the query part", "type: postgres, url: 'postgres://h:1/d?application_name=a@b'", NULL,
     NULL, "postgres://h:1/d?application_name=a@b", true, NULL},
    {"key=value", "type: postgres, url: 'host=h user=u dbname=d'", NULL, NULL,
     "host=h user=u dbname=d", false, NULL},
    {"key=value with password", "type: postgres, url: host=h password = 'x'", NULL, NULL,
     "host=h password = 'x'", true, NULL},
    {"key=value with empty password", "type: postgres, url: host=h password=''", NULL, NULL,
     "host=h password=''", false, NULL},
    {"passfile is no password", "type: postgres, url: 'host=h nopassword=x passfile=p'", NULL, NULL,
     "host=h nopassword=x passfile=p", false, NULL},
    {"variable", "type: mysql, url_env: RIVET_TEST_URL", "mysql://u:p@h/d", NULL, "mysql://u:p@h/d",
     false, NULL},
    {"variable naming a variable", "type: mysql, url_env: RIVET_TEST_URL",
     "mysql://u:${RIVET_TEST_PW}@h/d", NULL, "mysql://u:s3cret@h/d", false, NULL},
    {"file", "type: postgres, url_file: /tmp/rivet_test_url", NULL, " \n postgres://h/d \r\n\n",
     "postgres://h/d", false, NULL},
    {"file naming a variable", "type: postgres, url_file: /tmp/rivet_test_url", NULL,
     "postgres://u:${RIVET_TEST_PW}@h/d", "postgres://u:s3cret@h/d", false, NULL},
    {"upper case scheme", "type: mysql, url: 'MySQL://h/d'", NULL, NULL, "MySQL://h/d", false,
     NULL},
    {"unset variable", "type: postgres, url_env: RIVET_TEST_URL", NULL, NULL, NULL, false,
     "env var 'RIVET_TEST_URL' not set"},
    {"empty variable", "type: postgres, url_env: RIVET_TEST_URL", "", NULL, NULL, false, "empty"},
    {"missing file", "type: postgres, url_file: /tmp/rivet_test_url", NULL, NULL, NULL, false,
     "cannot read url_file '/tmp/rivet_test_url': No such file or directory"},
    {"empty file", "type: postgres, url_file: /tmp/rivet_test_url", NULL, "\n", NULL, false,
     "empty"},
    {"unset name inside", "type: postgres, url_env: RIVET_TEST_URL", "postgres://${RIVET_NO}@h",
     NULL, NULL, false, "${RIVET_NO}"},
    {"mysql URL for postgres", "type: postgres, url: 'mysql://u:s3cret@h/d'", NULL, NULL, NULL,
     false, "postgresql://"},
    {"postgres URL for mysql", "type: mysql, url: 'postgres://u:s3cret@h/d'", NULL, NULL, NULL,
     false, "mysql://"},
    {"no URL at all", "type: postgres, url: s3cret", NULL, NULL, NULL, false, "source.url"},
};

static bool
resolve(const char *source, Config **config, Arena *arena, SourceAddress *address, Error *err)
{
    char yaml[512];

    snprintf(yaml, sizeof(yaml), "source: {%s}\n" EXPORT(""), source);
    *config = load_good(yaml);
    *err = ERROR_INIT;
    return config_resolve_source(*config, arena, address, err);
}

static void
set_or_unset(const char *name, const char *value)
{
    if (value == NULL)
        unsetenv(name);
    else
        setenv(name, value, 1);
}

static void
test_urls(void **state)
{
    (void)state;
    setenv("RIVET_TEST_PW", "s3cret", 1);
    unsetenv("RIVET_NO");
    for (size_t i = 0; i < ARRAY_LENGTH(URL_CASES); i++) {
        Arena arena = {0};
        Config *config;
        SourceAddress address;
        Error err;
        set_or_unset("RIVET_TEST_URL", URL_CASES[i].variable);
        unlink("/tmp/rivet_test_url");
        if (URL_CASES[i].file != NULL)
            write_file("/tmp/rivet_test_url", URL_CASES[i].file);
        bool ok = resolve(URL_CASES[i].source, &config, &arena, &address, &err);
        if (URL_CASES[i].want == NULL) {
            assert_error(ok, &err, ERR_CONFIG, URL_CASES[i].message);
            assert_null(strstr(err.message, "s3cret"));
        } else {
            assert_ok(ok, &err);
            assert_string_equal(secret_reveal(address.url), URL_CASES[i].want);
            if (address.has_plaintext_password != URL_CASES[i].has_password)
                fail_msg("%s: password %d", URL_CASES[i].name, address.has_plaintext_password);
            assert_null(address.host);
        }
        arena_release(&arena);
        config_free(config);
    }
    unlink("/tmp/rivet_test_url");
}

static const struct {
    const char *name, *source, *variable;
    const char *password; /* "": refused */
    int64_t port;
    bool has_plaintext;
    const char *message;
} STRUCTURED_CASES[] = {
    {"plain", "type: postgres, host: h, user: u, database: d", NULL, NULL, 5432, false, NULL},
    {"mysql port", "type: mysql, host: h, user: u, database: d", NULL, NULL, 3306, false, NULL},
    {"own port", "type: mysql, host: h, user: u, database: d, port: 3307", NULL, NULL, 3307, false,
     NULL},
    {"password", "type: postgres, host: h, user: u, database: d, password: 'a@b:c/d#e%f'", NULL,
     "a@b:c/d#e%f", 5432, true, NULL},
    {"variable", "type: postgres, host: h, user: u, database: d, password_env: RIVET_TEST_PW", "pw",
     "pw", 5432, false, NULL},
    {"variable with a placeholder inside",
     "type: postgres, host: h, user: u, database: d, password_env: RIVET_TEST_PW", "${X}", "${X}",
     5432, false, NULL},
    {"expanded", "type: postgres, host: h, user: u, database: d, password: '${RIVET_TEST_PW}'",
     "pw", "pw", 5432, true, NULL},
    {"unset variable", "type: postgres, host: h, user: u, database: d, password_env: RIVET_TEST_PW",
     NULL, "", 0, false, "env var 'RIVET_TEST_PW' not set"},
};

static void
test_structured(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(STRUCTURED_CASES); i++) {
        Arena arena = {0};
        Config *config;
        SourceAddress address;
        Error err;
        set_or_unset("RIVET_TEST_PW", STRUCTURED_CASES[i].variable);
        bool ok = resolve(STRUCTURED_CASES[i].source, &config, &arena, &address, &err);
        if (STRUCTURED_CASES[i].message != NULL) {
            assert_error(ok, &err, ERR_CONFIG, STRUCTURED_CASES[i].message);
        } else {
            assert_ok(ok, &err);
            assert_false(secret_is_set(address.url));
            assert_string_equal(address.host, "h");
            assert_string_equal(address.user, "u");
            assert_string_equal(address.database, "d");
            assert_int_equal(address.port, STRUCTURED_CASES[i].port);
            assert_int_equal(address.has_plaintext_password, STRUCTURED_CASES[i].has_plaintext);
            if (STRUCTURED_CASES[i].password == NULL)
                assert_false(secret_is_set(address.password));
            else
                assert_string_equal(secret_reveal(address.password), STRUCTURED_CASES[i].password);
        }
        arena_release(&arena);
        config_free(config);
    }
}

static void
test_tls_modes(void **state)
{
    static const struct {
        const char *tls;
        TlsMode mode;
    } MODES[] = {
        {"", TLS_UNSET},
        {", tls: {}", TLS_PREFERRED},
        {", tls: {ca: x}", TLS_PREFERRED},
        {", tls: {mode: disable}", TLS_DISABLED},
        {", tls: {mode: DISABLED}", TLS_DISABLED},
        {", tls: {mode: prefer}", TLS_PREFERRED},
        {", tls: {mode: PREFERRED}", TLS_PREFERRED},
        {", tls: {mode: require}", TLS_REQUIRED},
        {", tls: {mode: required}", TLS_REQUIRED},
        {", tls: {mode: verify-ca}", TLS_VERIFY_CA},
        {", tls: {mode: VERIFY_CA}", TLS_VERIFY_CA},
        {", tls: {mode: verify-full}", TLS_VERIFY_IDENTITY},
        {", tls: {mode: VERIFY_IDENTITY}", TLS_VERIFY_IDENTITY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(MODES); i++) {
        Arena arena = {0};
        Config *config;
        SourceAddress address;
        Error err;
        char source[128];
        snprintf(source, sizeof(source), "type: postgres, url: x=y%s", MODES[i].tls);
        assert_ok(resolve(source, &config, &arena, &address, &err), &err);
        if (address.tls.mode != MODES[i].mode)
            fail_msg("%s: %d", MODES[i].tls, address.tls.mode);
        arena_release(&arena);
        config_free(config);
    }
}

static const struct {
    const char *flag, *variable, *config_path, *yaml; /* yaml NULL: no file, no Config */
    const char *want;
} STATE_CASES[] = {
    {NULL, NULL, "c.yaml", SOURCE EXPORT(""), "./.rivet_state.db"},
    {NULL, NULL, "dir/sub/c.yaml", SOURCE EXPORT(""), "dir/sub/.rivet_state.db"},
    {NULL, NULL, "/c.yaml", SOURCE EXPORT(""), "/.rivet_state.db"},
    {NULL, NULL, "dir/c.yaml", SOURCE EXPORT("") "state: s.db\n", "dir/s.db"},
    {NULL, NULL, "dir/c.yaml", SOURCE EXPORT("") "state: /var/s.db\n", "/var/s.db"},
    {NULL, "env.db", "dir/c.yaml", SOURCE EXPORT("") "state: s.db\n", "env.db"},
    {"flag.db", "env.db", "dir/c.yaml", SOURCE EXPORT("") "state: s.db\n", "flag.db"},
    {NULL, "", "dir/c.yaml", SOURCE EXPORT(""), "dir/.rivet_state.db"},
    {NULL, NULL, "/nonexistent/c.yaml", NULL, "/nonexistent/.rivet_state.db"},
};

static void
test_state_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(STATE_CASES); i++) {
        Arena arena = {0};
        Config *config = STATE_CASES[i].yaml == NULL ? NULL : load_good(STATE_CASES[i].yaml);
        set_or_unset("RIVET_STATE", STATE_CASES[i].variable);
        assert_string_equal(
            config_state_path(STATE_CASES[i].flag, STATE_CASES[i].config_path, config, &arena),
            STATE_CASES[i].want);
        arena_release(&arena);
        config_free(config);
    }
    unsetenv("RIVET_STATE");
}

/* Commands that show the state read the root field even from a file they could not run. */
static void
test_state_path_of_a_broken_file(void **state)
{
    static const struct {
        const char *yaml, *want;
    } FILES[] = {
        {"state: x.db\nsource: 5\n", "/tmp/x.db"},
        {"state: ${RIVET_TEST_DB}.db\nexports: ${RIVET_NO}\n", "/tmp/db.db"},
        {"state: ${RIVET_NO}\n", "/tmp/.rivet_state.db"},
        {"state: [x]\n", "/tmp/.rivet_state.db"},
        {"state:\n", "/tmp/.rivet_state.db"},
        {"state: {\n", "/tmp/.rivet_state.db"},
        {"- state\n", "/tmp/.rivet_state.db"},
    };

    (void)state;
    setenv("RIVET_TEST_DB", "db", 1);
    unsetenv("RIVET_NO");
    for (size_t i = 0; i < ARRAY_LENGTH(FILES); i++) {
        Arena arena = {0};
        write_file("/tmp/rivet_test_state.yaml", FILES[i].yaml);
        assert_string_equal(config_state_path(NULL, "/tmp/rivet_test_state.yaml", NULL, &arena),
                            FILES[i].want);
        arena_release(&arena);
    }
    unlink("/tmp/rivet_test_state.yaml");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_structured),
        cmocka_unit_test(test_tls_modes),
        cmocka_unit_test(test_state_path),
        cmocka_unit_test(test_state_path_of_a_broken_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
