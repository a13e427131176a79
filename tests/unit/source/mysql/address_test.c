/* Addresses: every form of the URL, the parts, and what is refused without a word of the secret. */
#include "../../test.h"

#include "source/mysql/address.h"

typedef struct Case {
    const char *url;
    const char *user, *password, *host;
    unsigned port;
    const char *database;
    TlsMode mode;
} Case;

static const Case CASES[] = {
    {"mysql://u:p@h:3307/db", "u", "p", "h", 3307, "db", TLS_PREFERRED},
    {"MySQL://u@h/db", "u", NULL, "h", 3306, "db", TLS_PREFERRED},
    {"mysql://u:@h/db", "u", "", "h", 3306, "db", TLS_PREFERRED},
    {"mysql://h/db", NULL, NULL, "h", 3306, "db", TLS_PREFERRED},
    {"mysql://u:p@/db", "u", "p", "localhost", 3306, "db", TLS_PREFERRED},
    {"mysql://u:p@h", "u", "p", "h", 3306, NULL, TLS_PREFERRED},
    {"mysql://u%40x:a%40%3A%2F%23%25b@h/d%20b", "u@x", "a@:/#%b", "h", 3306, "d b", TLS_PREFERRED},
    {"mysql://u:a@b:c/d#e?f@h/db", "u", "a@b:c/d#e?f", "h", 3306, "db", TLS_PREFERRED},
    {"mysql://u:100%@h/db", "u", "100%", "h", 3306, "db", TLS_PREFERRED},
    {"mysql://u:p@[::1]:3307/db", "u", "p", "::1", 3307, "db", TLS_PREFERRED},
    {"mysql://u:p@h/db?ssl-mode=verify_identity&ssl-ca=%2Fca.pem", "u", "p", "h", 3306, "db",
     TLS_VERIFY_IDENTITY},
    {"mysql://u:p@h?ssl-mode=DISABLED", "u", "p", "h", 3306, NULL, TLS_DISABLED},
};

static void
check_text(const char *url, const char *got, const char *want)
{
    if ((got == NULL) != (want == NULL) || (got != NULL && strcmp(got, want) != 0))
        fail_msg("%s: got \"%s\" for \"%s\"", url, got == NULL ? "NULL" : got,
                 want == NULL ? "NULL" : want);
}

static void
test_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const Case *c = &CASES[i];
        SourceAddress source = {.kind = SOURCE_MYSQL, .url = {c->url}};
        Arena arena = {0};
        Error err = ERROR_INIT;
        MyAddress address;
        assert_ok(my_address_read(&source, &arena, &address, &err), &err);
        check_text(c->url, address.user, c->user);
        check_text(c->url, address.password, c->password);
        check_text(c->url, address.host, c->host);
        check_text(c->url, address.database, c->database);
        assert_int_equal(address.port, c->port);
        assert_int_equal(address.tls.mode, c->mode);
        arena_release(&arena);
    }
}

static const struct {
    const char *url, *words;
} BROKEN[] = {
    {"mariadb://u:secret@h/db", "begins with mysql://"},
    {"my://u:secret@h/db", "begins with mysql://"},
    {"mysql://u:secret@h:x/db", "port is no number"},
    {"mysql://u:secret@h:65536/db", "between 1 and 65535"},
    {"mysql://u:secret@h:99999999999999999999/db", "port"},
    {"mysql://u:secret@[::1/db", "has no ']'"},
    {"mysql://u:secret@[::1]3306/db", "no port"},
    {"mysql://u:secret@h/db?tls", "has no value"},
    {"mysql://u:secret@h/db?secret=1", "parameters are"},
    {"mysql://u:secret@h/db?ssl-mode=secret", "ssl-mode is one of"},
};

static void
test_broken_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(BROKEN); i++) {
        SourceAddress source = {.kind = SOURCE_MYSQL, .url = {BROKEN[i].url}};
        Arena arena = {0};
        Error err = ERROR_INIT;
        MyAddress address;
        assert_error(my_address_read(&source, &arena, &address, &err), &err, ERR_CONFIG,
                     BROKEN[i].words);
        if (strstr(err.message, "secret") != NULL)
            fail_msg("the message gives the secret away: %s", err.message);
        arena_release(&arena);
    }
}

static void
test_parts(void **state)
{
    SourceAddress source = {
        .kind = SOURCE_MYSQL,
        .host = "h",
        .port = 3310,
        .user = "u",
        .database = "db",
        .password = {"p"},
        .tls = {.mode = TLS_VERIFY_CA, .ca = "ca.pem"},
    };
    Arena arena = {0};
    Error err = ERROR_INIT;
    MyAddress address;

    (void)state;
    assert_ok(my_address_read(&source, &arena, &address, &err), &err);
    assert_string_equal(address.password, "p");
    assert_int_equal(address.port, 3310);
    assert_int_equal(address.tls.mode, TLS_VERIFY_CA);
    my_address_wipe(&address);
    assert_string_equal(address.password, "");
    arena_release(&arena);
}

/* The block counts as a whole, a socket takes the place of the host. */
static void
test_block_and_socket(void **state)
{
    SourceAddress source = {
        .kind = SOURCE_MYSQL,
        .url = {"mysql://u:p@h/db?ssl-mode=required&ssl-ca=a.pem&socket=/run/s"},
        .tls = {.mode = TLS_DISABLED},
    };
    Arena arena = {0};
    Error err = ERROR_INIT;
    MyAddress address;

    (void)state;
    assert_ok(my_address_read(&source, &arena, &address, &err), &err);
    assert_int_equal(address.tls.mode, TLS_DISABLED);
    assert_null(address.tls.ca);
    assert_null(address.host);
    assert_string_equal(address.socket, "/run/s");
    arena_release(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_broken_urls),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_block_and_socket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
