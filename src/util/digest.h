/* digest.h: the checksums and encodings that stores ask for.
 *
 * Texts   base64 with padding (RFC 4648 §4), hex in lower case; NUL-terminated.
 * Source  RFC 1321, RFC 2104, FIPS 180-4; CRC32C: RFC 3720 §B.4. */
#ifndef RIVET_UTIL_DIGEST_H
#define RIVET_UTIL_DIGEST_H

#include "util/buffer.h"

enum {
    MD5_BYTES = 16,
    SHA1_BYTES = 20,
    SHA256_BYTES = 32,
    SHA256_HEX_BYTES = 2 * SHA256_BYTES + 1,
    DIGEST_BASE64_BYTES = 45, /* of any digest here */
};

void digest_md5(const void *bytes, size_t size_bytes, uint8_t out[MD5_BYTES]);
void digest_sha1(const void *bytes, size_t size_bytes, uint8_t out[SHA1_BYTES]);
void digest_sha256(const void *bytes, size_t size_bytes, uint8_t out[SHA256_BYTES]);
void digest_hmac_sha256(const void *key, size_t key_bytes, const void *bytes, size_t size_bytes,
                        uint8_t out[SHA256_BYTES]);

/* Begins with 0; what it returns goes on over the next bytes. */
uint32_t digest_crc32c(uint32_t crc, const void *bytes, size_t size_bytes);
/* The same without the processor's own instruction for it. */
uint32_t digest_crc32c_portable(uint32_t crc, const void *bytes, size_t size_bytes);
/* The four bytes of a CRC as stores write them: big-endian. */
void digest_crc32c_bytes(uint32_t crc, uint8_t out[4]);

void digest_hex(const uint8_t *bytes, size_t size_bytes, char *text); /* 2 × size + 1 bytes */
/* Up to 32 bytes into DIGEST_BASE64_BYTES. */
void digest_base64(const uint8_t *bytes, size_t size_bytes, char text[DIGEST_BASE64_BYTES]);

#endif
