#include "../test.h"

#include "util/digest.h"

static void
test_crc32c(void **state)
{
    /* RFC 3720 §B.4 and the usual check value. */
    uint8_t bytes[48] = {0};
    uint8_t big_endian[4];

    (void)state;
    assert_int_equal(digest_crc32c(0, "", 0), 0);
    assert_int_equal(digest_crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(digest_crc32c(0, bytes, 32), 0x8A9136AA);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(digest_crc32c(0, bytes, 32), 0x46DD794E);
    uint32_t whole = digest_crc32c(0, bytes, sizeof(bytes));
    for (size_t cut = 0; cut <= sizeof(bytes); cut++)
        assert_int_equal(
            digest_crc32c(digest_crc32c(0, bytes, cut), bytes + cut, sizeof(bytes) - cut), whole);
    for (size_t cut = 0; cut <= sizeof(bytes); cut++)
        assert_int_equal(digest_crc32c_portable(digest_crc32c_portable(0, bytes, cut), bytes + cut,
                                                sizeof(bytes) - cut),
                         whole);
    digest_crc32c_bytes(0x01020304, big_endian);
    assert_memory_equal(big_endian, "\1\2\3\4", 4);
}

static void
test_digests(void **state)
{
    uint8_t out[SHA256_BYTES];
    char text[SHA256_HEX_BYTES];

    (void)state;
    digest_md5("abc", 3, out);
    digest_hex(out, MD5_BYTES, text);
    assert_string_equal(text, "900150983cd24fb0d6963f7d28e17f72");
    digest_base64(out, MD5_BYTES, text);
    assert_string_equal(text, "kAFQmDzST7DWlj99KOF/cg==");
    digest_sha1("abc", 3, out);
    digest_hex(out, SHA1_BYTES, text);
    assert_string_equal(text, "a9993e364706816aba3e25717850c26c9cd0d89d");
    digest_sha256("abc", 3, out);
    digest_hex(out, SHA256_BYTES, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /* RFC 4231, test case 2 */
    digest_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
    digest_hex(out, SHA256_BYTES, text);
    assert_string_equal(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    digest_base64(out, SHA256_BYTES, text);
    assert_int_equal(strlen(text), DIGEST_BASE64_BYTES - 1);
    digest_base64(out, 0, text);
    assert_string_equal(text, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc32c),
        cmocka_unit_test(test_digests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
