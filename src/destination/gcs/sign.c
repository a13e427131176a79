#include "destination/gcs/sign.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "util/memory.h"

void
gcs_append_base64(Buffer *out, const void *bytes, size_t size_bytes)
{
    size_t encoded = (size_bytes + 2) / 3 * 4;

    EVP_EncodeBlock(buffer_reserve(out, encoded + 1), bytes, (int)size_bytes);
    out->size += encoded;
}

void
gcs_append_base64url(Buffer *out, const void *bytes, size_t size_bytes)
{
    size_t start = out->size;

    gcs_append_base64(out, bytes, size_bytes);
    for (uint8_t *at = out->data + start; at < out->data + out->size; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    while (out->size > start && out->data[out->size - 1] == '=')
        out->size--;
}

/* Keys with a password are not for programs: never ask for one at the terminal. */
static int
no_password(char *room, int size, int writes, void *context)
{
    (void)room;
    (void)size;
    (void)writes;
    (void)context;
    return 0;
}

static EVP_PKEY *
read_key(const char *pem)
{
    BIO *source = BIO_new_mem_buf(pem, -1);

    if (source == NULL)
        abort(); /* memory is out */
    EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, no_password, NULL);
    BIO_free(source);
    return key;
}

static bool
sign(EVP_PKEY *key, const Buffer *text, uint8_t **signature, size_t *size_bytes)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context == NULL)
        abort();
    bool ok = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(context, NULL, size_bytes, text->data, text->size) == 1;
    if (ok) {
        *signature = memory_alloc(*size_bytes);
        ok = EVP_DigestSign(context, *signature, size_bytes, text->data, text->size) == 1;
    }
    EVP_MD_CTX_free(context);
    return ok;
}

GcsSigned
gcs_append_signature(Buffer *text, const char *pem)
{
    EVP_PKEY *key = read_key(pem);
    uint8_t *signature = NULL;
    size_t size_bytes = 0;
    GcsSigned result = GCS_NO_RSA_KEY;

    if (key != NULL && EVP_PKEY_base_id(key) == EVP_PKEY_RSA)
        result = sign(key, text, &signature, &size_bytes) ? GCS_SIGNED : GCS_NOT_SIGNED;
    if (result == GCS_SIGNED) {
        buffer_append_byte(text, '.');
        gcs_append_base64url(text, signature, size_bytes);
    }
    free(signature);
    EVP_PKEY_free(key);
    return result;
}
