#include "destination/s3/s3.h"
#include "util/digest.h"
#include "util/memory.h"

/* ---- what UploadRef.reference holds ---- */

bool
s3_reference_write(UploadRef *ref, const char *upload_id, const S3UploadPart *parts, size_t count,
                   Error *err)
{
    Buffer text = {0};

    buffer_append_text(&text, upload_id);
    if (text.size >= sizeof(ref->reference) - 8 || strchr(upload_id, ' ') != NULL) {
        buffer_release(&text);
        return error_set(err, ERR_IO, "the store's upload id is too long");
    }
    if (count > 0)
        buffer_append_format(&text, " %zu", count);
    size_t without_parts = text.size;
    for (size_t i = 0; i < count && text.size < sizeof(ref->reference); i++)
        buffer_append_format(&text, " %s%s%s", parts[i].etag, parts[i].crc[0] == '\0' ? "" : ":",
                             parts[i].crc);
    if (text.size >= sizeof(ref->reference))
        text.size = without_parts;
    snprintf(ref->reference, sizeof(ref->reference), "%s", buffer_text(&text));
    buffer_release(&text);
    return true;
}

/* "<etag>[:<crc>]" */
static void
read_part(const char *text, size_t length, S3UploadPart *out)
{
    const char *colon = memchr(text, ':', length);
    size_t etag = colon == NULL ? length : (size_t)(colon - text);

    snprintf(out->etag, sizeof(out->etag), "%.*s", (int)etag, text);
    snprintf(out->crc, sizeof(out->crc), "%.*s", colon == NULL ? 0 : (int)(length - etag - 1),
             colon == NULL ? "" : colon + 1);
}

bool
s3_reference_read(const UploadRef *ref, S3Reference *out, Error *err)
{
    const char *at = ref->reference;
    size_t length = strcspn(at, " ");
    size_t read = 0;

    *out = (S3Reference){0};
    memcpy(out->upload_id, at, length);
    at += length;
    if (*at == ' ')
        out->count = strtoul(at + 1, NULL, 10);
    if (out->count > S3_PARTS_MAX)
        return error_set(err, ERR_STATE, "the recorded reference of '%s' is damaged", ref->key);
    at += *at == ' ' ? 1 + strcspn(at + 1, " ") : 0;
    if (*at != ' ')
        return true;
    out->parts = memory_alloc_zero(out->count, sizeof(*out->parts));
    for (; *at == ' ' && read < out->count; read++) {
        length = strcspn(at + 1, " ");
        read_part(at + 1, length, &out->parts[read]);
        at += 1 + length;
    }
    if (read == out->count && *at == '\0')
        return true;
    s3_reference_release(out);
    return error_set(err, ERR_STATE, "the recorded reference of '%s' is damaged", ref->key);
}

void
s3_reference_release(S3Reference *reference)
{
    free(reference->parts);
    reference->parts = NULL;
}

/* ---- the checksum of the whole: that of the checksums of the upload parts, and their number ----
 */

static int
hex_value(char digit)
{
    return digit >= 'a' ? digit - 'a' + 10 : digit - '0';
}

static void
expect_md5(const S3UploadPart *parts, size_t count, char *text, size_t size_bytes)
{
    Buffer all = {0};
    uint8_t md5[MD5_BYTES];
    char hex[2 * MD5_BYTES + 1];

    for (size_t i = 0; i < count; i++) {
        const char *digits = parts[i].etag + strspn(parts[i].etag, "\"");
        for (size_t n = 0; n < MD5_BYTES; n++)
            buffer_append_byte(
                &all, (uint8_t)(hex_value(digits[2 * n]) << 4 | hex_value(digits[2 * n + 1])));
    }
    digest_md5(all.data, all.size, md5);
    digest_hex(md5, sizeof(md5), hex);
    snprintf(text, size_bytes, "etag=%s-%zu", hex, count);
    buffer_release(&all);
}

static int
base64_value(char digit)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = digit == '\0' ? NULL : strchr(DIGITS, digit);

    return found == NULL ? 0 : (int)(found - DIGITS);
}

static void
expect_crc(const S3UploadPart *parts, size_t count, char *text, size_t size_bytes)
{
    uint32_t whole = 0;
    uint8_t crc[4];
    char base64[DIGEST_BASE64_BYTES];

    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        for (int n = 0; n < 6; n++)
            bits = bits << 6 | (uint64_t)base64_value(parts[i].crc[n]);
        digest_crc32c_bytes((uint32_t)(bits >> 4), crc);
        whole = digest_crc32c(whole, crc, sizeof(crc));
    }
    digest_crc32c_bytes(whole, crc);
    digest_base64(crc, sizeof(crc), base64);
    snprintf(text, size_bytes, "crc32c=%s-%zu", base64, count);
}

bool
s3_etag_is(const char *etag, const char *text)
{
    bool is_quoted = etag[0] == '"';
    size_t length = strlen(text);

    return strncmp(etag + is_quoted, text, length) == 0 &&
           strcmp(etag + is_quoted + length, is_quoted ? "\"" : "") == 0;
}

void
s3_etag_check(const char *etag, char *text, size_t size_bytes)
{
    etag += strspn(etag, "\"");
    snprintf(text, size_bytes, "etag=%.*s", (int)strcspn(etag, "\""), etag);
}

void
s3_expected_check(const S3UploadPart *parts, size_t count, bool uses_crc, char *text,
                  size_t size_bytes)
{
    text[0] = '\0';
    if (uses_crc) {
        expect_crc(parts, count, text, size_bytes);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (!parts[i].is_md5)
            return;
    expect_md5(parts, count, text, size_bytes);
}
