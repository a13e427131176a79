#include "util/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>

static void
digest(const EVP_MD *kind, const void *bytes, size_t size_bytes, uint8_t *out)
{
    if (EVP_Digest(bytes, size_bytes, out, NULL, kind, NULL) != 1)
        abort(); /* memory is out */
}

void
digest_md5(const void *bytes, size_t size_bytes, uint8_t out[MD5_BYTES])
{
    digest(EVP_md5(), bytes, size_bytes, out);
}

void
digest_sha1(const void *bytes, size_t size_bytes, uint8_t out[SHA1_BYTES])
{
    digest(EVP_sha1(), bytes, size_bytes, out);
}

void
digest_sha256(const void *bytes, size_t size_bytes, uint8_t out[SHA256_BYTES])
{
    digest(EVP_sha256(), bytes, size_bytes, out);
}

void
digest_hmac_sha256(const void *key, size_t key_bytes, const void *bytes, size_t size_bytes,
                   uint8_t out[SHA256_BYTES])
{
    if (HMAC(EVP_sha256(), key, (int)key_bytes, bytes, size_bytes, out, NULL) == NULL)
        abort();
}

/* ---- CRC32C: eight bytes at a time by eight tables, where the machine has no instruction ---- */

enum { CRC_TABLES = 8 };
static const uint32_t CRC_POLYNOMIAL = 0x82F63B78; /* reflected */

static uint32_t crc_table[CRC_TABLES][256]; /* written once by fill_tables */

static void
fill_tables(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? CRC_POLYNOMIAL : 0);
        crc_table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int i = 1; i < CRC_TABLES; i++)
            crc_table[i][byte] =
                (crc_table[i - 1][byte] >> 8) ^ crc_table[0][crc_table[i - 1][byte] & 0xFF];
}

static uint64_t
load_le64(const uint8_t *bytes)
{
    uint64_t word = 0;

    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

static uint32_t
crc_word(uint32_t crc, uint64_t word)
{
    word ^= crc;
    crc = 0;
    for (int i = 0; i < CRC_TABLES; i++)
        crc ^= crc_table[CRC_TABLES - 1 - i][(word >> (8 * i)) & 0xFF];
    return crc;
}

uint32_t
digest_crc32c_portable(uint32_t crc, const void *bytes, size_t size_bytes)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const uint8_t *at = bytes;

    pthread_once(&once, fill_tables);
    crc = ~crc;
    for (; size_bytes >= 8; at += 8, size_bytes -= 8)
        crc = crc_word(crc, load_le64(at));
    for (; size_bytes > 0; at++, size_bytes--)
        crc = (crc >> 8) ^ crc_table[0][(crc ^ *at) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc_by_instruction(uint32_t crc, const uint8_t *at, size_t size_bytes)
{
    uint64_t wide = crc;

    for (; size_bytes >= 8; at += 8, size_bytes -= 8)
        wide = __builtin_ia32_crc32di(wide, load_le64(at));
    crc = (uint32_t)wide;
    for (; size_bytes > 0; at++, size_bytes--)
        crc = __builtin_ia32_crc32qi(crc, *at);
    return crc;
}
#endif

uint32_t
digest_crc32c(uint32_t crc, const void *bytes, size_t size_bytes)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_by_instruction(~crc, bytes, size_bytes);
#endif
    return digest_crc32c_portable(crc, bytes, size_bytes);
}

void
digest_crc32c_bytes(uint32_t crc, uint8_t out[4])
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(crc >> (24 - 8 * i));
}

/* ---- texts ---- */

void
digest_hex(const uint8_t *bytes, size_t size_bytes, char *text)
{
    static const char DIGITS[] = "0123456789abcdef";

    for (size_t i = 0; i < size_bytes; i++) {
        *text++ = DIGITS[bytes[i] >> 4];
        *text++ = DIGITS[bytes[i] & 15];
    }
    *text = '\0';
}

void
digest_base64(const uint8_t *bytes, size_t size_bytes, char text[DIGEST_BASE64_BYTES])
{
    assert(size_bytes <= SHA256_BYTES);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)size_bytes);
}
