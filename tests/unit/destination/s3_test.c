#include "../test.h"

#include "destination/s3/s3.h"
#include "util/digest.h"

enum { MIB = 1024 * 1024 };

static void
test_part_sizes(void **state)
{
    const uint64_t five_tib = UINT64_C(5) << 40;
    uint64_t total = 0;

    (void)state;
    for (int number = 1; number <= S3_PARTS_MAX; number++) {
        size_t size = s3_part_bytes(8 * MIB, number);
        assert_true(size >= s3_part_bytes(8 * MIB, number == 1 ? 1 : number - 1));
        assert_true(size <= (size_t)5120 * MIB);
        if (number <= S3_PARTS_MAX / 2)
            assert_int_equal(size, 8 * MIB);
        total += size;
    }
    assert_true(total >= five_tib);
}

static void
test_addresses(void **state)
{
    static const struct {
        const char *bucket, *endpoint;
        bool path_style;
        const char *base, *path, *host; /* base NULL: an error */
    } CASES[] = {
        {"b", NULL, false, "https://b.s3.eu-west-1.amazonaws.com", "",
         "b.s3.eu-west-1.amazonaws.com"},
        {"b", NULL, true, "https://s3.eu-west-1.amazonaws.com", "/b", "s3.eu-west-1.amazonaws.com"},
        {"a.b", NULL, false, "https://s3.eu-west-1.amazonaws.com", "/a.b",
         "s3.eu-west-1.amazonaws.com"},
        {"b", "http://localhost:9000", false, "http://localhost:9000", "/b", "localhost:9000"},
        {"b", "http://localhost:9000/", false, "http://localhost:9000", "/b", "localhost:9000"},
        {"b", "https://store.example:443", false, "https://store.example", "/b", "store.example"},
        {"b", "https://b.store.example", false, "https://b.store.example", "", "b.store.example"},
        {"b", "https://b.store.example", true, "https://b.store.example", "/b", "b.store.example"},
        {"b", "http://[::1]:9000", false, "http://[::1]:9000", "/b", "[::1]:9000"},
        {"b", "http://localhost/path", false, NULL, NULL, NULL},
        {"b", "localhost:9000", false, NULL, NULL, NULL},
        {"b", "ftp://localhost", false, NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const DestinationConfig config = {.bucket = CASES[i].bucket,
                                          .endpoint = CASES[i].endpoint,
                                          .path_style = CASES[i].path_style};
        S3Address address = {0};
        Error err = ERROR_INIT;
        if (CASES[i].base == NULL) {
            assert_error(s3_address_init(&config, "eu-west-1", &address, &err), &err, ERR_CONFIG,
                         CASES[i].endpoint);
        } else {
            assert_ok(s3_address_init(&config, "eu-west-1", &address, &err), &err);
            assert_string_equal(address.base, CASES[i].base);
            assert_string_equal(address.path, CASES[i].path);
            assert_string_equal(address.host, CASES[i].host);
        }
        s3_address_release(&address);
    }
}

static S3UploadPart
part_of(const char *text, bool has_crc)
{
    uint8_t md5[MD5_BYTES];
    char hex[2 * MD5_BYTES + 1];
    S3UploadPart part = {.is_md5 = true};

    digest_md5(text, strlen(text), md5);
    digest_hex(md5, sizeof(md5), hex);
    snprintf(part.etag, sizeof(part.etag), "\"%s\"", hex);
    if (has_crc) {
        uint8_t crc[4];
        char base64[DIGEST_BASE64_BYTES];
        digest_crc32c_bytes(digest_crc32c(0, text, strlen(text)), crc);
        digest_base64(crc, 4, base64);
        memcpy(part.crc, base64, sizeof(part.crc)); /* eight digits and the NUL */
    }
    return part;
}

static void
test_reference(void **state)
{
    static const size_t COUNTS[] = {0, 1, 2, 40, 41, 60, S3_PARTS_MAX};
    S3UploadPart *parts = calloc(S3_PARTS_MAX, sizeof(*parts));

    (void)state;
    assert_non_null(parts);
    for (size_t i = 0; i < S3_PARTS_MAX; i++)
        parts[i] = part_of("abc", i % 2 == 0);
    for (size_t i = 0; i < ARRAY_LENGTH(COUNTS); i++) {
        UploadRef ref = {.key = "k"};
        S3Reference read;
        Error err = ERROR_INIT;
        assert_ok(s3_reference_write(&ref, "the-upload.id_~", parts, COUNTS[i], &err), &err);
        assert_ok(s3_reference_read(&ref, &read, &err), &err);
        assert_string_equal(read.upload_id, "the-upload.id_~");
        assert_int_equal(read.count, COUNTS[i]);
        assert_int_equal(read.parts != NULL, COUNTS[i] > 0 && COUNTS[i] <= 41);
        for (size_t n = 0; read.parts != NULL && n < read.count; n++) {
            assert_string_equal(read.parts[n].etag, parts[n].etag);
            assert_string_equal(read.parts[n].crc, parts[n].crc);
        }
        s3_reference_release(&read);
    }
    free(parts);
}

static void
test_damaged_reference(void **state)
{
    static const char *const TEXTS[] = {"id 2 \"one\"", "id 1 \"a\" \"b\"", "id 10001"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++) {
        UploadRef ref = {.key = "k"};
        S3Reference read;
        Error err = ERROR_INIT;
        snprintf(ref.reference, sizeof(ref.reference), "%s", TEXTS[i]);
        assert_error(s3_reference_read(&ref, &read, &err), &err, ERR_STATE, "damaged");
    }
}

static void
test_expected_check(void **state)
{
    /* md5(md5("hello ") md5("world")), computed by Python's hashlib. */
    S3UploadPart parts[2] = {part_of("hello ", false), part_of("world", false)};
    char text[64];

    (void)state;
    s3_expected_check(parts, 2, false, text, sizeof(text));
    assert_string_equal(text, "etag=e09e4fd6265b36115fe3db32df945d84-2");
    parts[1].is_md5 = false;
    s3_expected_check(parts, 2, false, text, sizeof(text));
    assert_string_equal(text, "");
    /* By Python's google_crc32c. */
    parts[0] = part_of("hello ", true);
    parts[1] = part_of("world", true);
    s3_expected_check(parts, 2, true, text, sizeof(text));
    assert_string_equal(text, "crc32c=vUZpoA==-2");
    s3_etag_check("\"abc-2\"", text, sizeof(text));
    assert_string_equal(text, "etag=abc-2");
}

static void
test_etag_is(void **state)
{
    static const struct {
        const char *etag;
        bool want;
    } CASES[] = {
        {"\"abc\"", true},   {"abc", true},    {"W/\"abc\"", false}, {"\"abcd\"", false},
        {"\"xabc\"", false}, {"\"abc", false}, {"abc\"", false},     {"", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        if (s3_etag_is(CASES[i].etag, "abc") != CASES[i].want)
            fail_msg("%s", CASES[i].etag);
}

static void
test_object_is_ours(void **state)
{
    static const struct {
        const char *name;
        S3Object object;
        const char *nonce;
        bool is_sealed, want;
    } CASES[] = {
        {"ours", {.exists = true, .nonce = "n", .size_bytes = 7}, "n", true, true},
        {"ours, unsealed", {.exists = true, .nonce = "n", .size_bytes = 9}, "n", false, true},
        {"absent", {.nonce = "n", .size_bytes = 7}, "n", true, false},
        {"another size", {.exists = true, .nonce = "n", .size_bytes = 8}, "n", true, false},
        {"another nonce", {.exists = true, .nonce = "m", .size_bytes = 7}, "n", true, false},
        {"no nonce", {.exists = true, .nonce = "", .size_bytes = 7}, "n", true, false},
        {"no nonce on both sides", {.exists = true, .size_bytes = 7}, "", true, false},
        {"no nonce at all, unsealed", {.exists = true, .size_bytes = 7}, "", false, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        UploadRef ref = {.key = "k", .size_bytes = 7, .is_sealed = CASES[i].is_sealed};
        snprintf(ref.nonce, sizeof(ref.nonce), "%s", CASES[i].nonce);
        if (s3_object_is_ours(&CASES[i].object, &ref) != CASES[i].want)
            fail_msg("%s", CASES[i].name);
    }
}

static void
test_repeats(void **state)
{
    static const struct {
        const char *code;
        S3Repeat want;
    } CASES[] = {
        {"", S3_FINAL},
        {"NoSuchUpload", S3_FINAL},
        {"AccessDenied", S3_FINAL},
        {"SlowDown", S3_BUSY},
        {"ThrottlingException", S3_BUSY},
        {"RequestLimitExceeded", S3_BUSY},
        {"OperationAborted", S3_BUSY},
        {"ExpiredToken", S3_EXPIRED},
        {"ExpiredTokenException", S3_EXPIRED},
        {"TokenRefreshRequired", S3_EXPIRED},
        {"RequestExpired", S3_EXPIRED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        if (s3_code_repeat(CASES[i].code) != CASES[i].want)
            fail_msg("%s", CASES[i].code);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part_sizes),     cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_reference),      cmocka_unit_test(test_damaged_reference),
        cmocka_unit_test(test_expected_check), cmocka_unit_test(test_etag_is),
        cmocka_unit_test(test_object_is_ours), cmocka_unit_test(test_repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
