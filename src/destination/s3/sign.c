#include "destination/s3/sign.h"

#include <ctype.h>
#include <time.h>

#include "util/digest.h"

static const char ALGORITHM[] = "AWS4-HMAC-SHA256";
enum { DATE_LENGTH = 8 };

void
sign_timestamp(int64_t at_us, char text[SIGN_TIME_BYTES])
{
    time_t seconds = (time_t)(at_us / 1000000);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(text, SIGN_TIME_BYTES, "%Y%m%dT%H%M%SZ", &utc);
}

static int
compare_headers(const void *a, const void *b)
{
    return strcasecmp(((const HttpHeader *)a)->name, ((const HttpHeader *)b)->name);
}

/* All that are signed, by name; returns how many. */
static size_t
sorted_headers(const SignInput *input, HttpHeader sorted[HTTP_MAX_HEADERS + 1])
{
    memcpy(sorted, input->headers, input->n_headers * sizeof(*sorted));
    sorted[input->n_headers] = (HttpHeader){.name = "host", .value = input->host};
    qsort(sorted, input->n_headers + 1, sizeof(*sorted), compare_headers);
    return input->n_headers + 1;
}

static void
append_lower(Buffer *out, const char *text)
{
    for (; *text != '\0'; text++)
        buffer_append_byte(out, (uint8_t)tolower((unsigned char)*text));
}

/* Blanks at both ends go, several in a row become one. */
static void
append_trimmed(Buffer *out, const char *text)
{
    bool is_pending = false;

    text += strspn(text, " \t");
    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == '\t') {
            is_pending = true;
            continue;
        }
        if (is_pending)
            buffer_append_byte(out, ' ');
        is_pending = false;
        buffer_append_byte(out, (uint8_t)*text);
    }
}

static void
append_signed_names(Buffer *out, const HttpHeader *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(out, ';');
        append_lower(out, headers[i].name);
    }
}

static void
append_canonical_request(const SignInput *input, const HttpHeader *headers, size_t count,
                         Buffer *out)
{
    buffer_append_format(out, "%s\n%s\n%s\n", input->method, input->path, input->query);
    for (size_t i = 0; i < count; i++) {
        append_lower(out, headers[i].name);
        buffer_append_byte(out, ':');
        append_trimmed(out, headers[i].value);
        buffer_append_byte(out, '\n');
    }
    buffer_append_byte(out, '\n');
    append_signed_names(out, headers, count);
    buffer_append_format(out, "\n%s", input->payload_hash);
}

static void
derive_key(const SignInput *input, uint8_t key[SHA256_BYTES])
{
    const char *const steps[] = {input->region, input->service, "aws4_request"};
    Buffer first = {0};

    buffer_append_text(&first, "AWS4");
    buffer_append_text(&first, secret_reveal(input->secret_key));
    digest_hmac_sha256(first.data, first.size, input->timestamp, DATE_LENGTH, key);
    buffer_release(&first);
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
        digest_hmac_sha256(key, SHA256_BYTES, steps[i], strlen(steps[i]), key);
}

static void
hash_hex(const Buffer *bytes, char text[SHA256_HEX_BYTES])
{
    uint8_t hash[SHA256_BYTES];

    digest_sha256(bytes->data, bytes->size, hash);
    digest_hex(hash, sizeof(hash), text);
}

void
sign_request(const SignInput *input, Buffer *authorization)
{
    HttpHeader headers[HTTP_MAX_HEADERS + 1];
    size_t count = sorted_headers(input, headers);
    Buffer scope = {0};
    Buffer text = {0};
    uint8_t key[SHA256_BYTES];
    uint8_t signature[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];

    buffer_append_format(&scope, "%.*s/%s/%s/aws4_request", DATE_LENGTH, input->timestamp,
                         input->region, input->service);
    append_canonical_request(input, headers, count, &text);
    hash_hex(&text, hex);
    buffer_reset(&text);
    buffer_append_format(&text, "%s\n%s\n%s\n%s", ALGORITHM, input->timestamp, buffer_text(&scope),
                         hex);
    derive_key(input, key);
    digest_hmac_sha256(key, sizeof(key), text.data, text.size, signature);
    digest_hex(signature, sizeof(signature), hex);
    buffer_append_format(authorization, "%s Credential=%s/%s, SignedHeaders=", ALGORITHM,
                         input->access_key, buffer_text(&scope));
    append_signed_names(authorization, headers, count);
    buffer_append_format(authorization, ", Signature=%s", hex);
    buffer_release(&scope);
    buffer_release(&text);
}
