#include "destination/s3/s3.h"
#include "util/memory.h"

static const char DEFAULT_REGION[] = "us-east-1"; /* of stores that know none */

static bool
choose_region(S3Destination *dest, Error *err)
{
    const char *region = credentials_region(dest->credentials);

    if (region == NULL && dest->base.config->endpoint != NULL)
        region = DEFAULT_REGION;
    if (region == NULL) {
        err->hint = "set region in the destination, AWS_REGION, or region in the AWS profile";
        return error_set(err, ERR_CONFIG, "the region of the bucket '%s' is not known",
                         dest->base.config->bucket);
    }
    dest->region = memory_dup_string(region);
    return true;
}

static void
s3_free(Destination *base)
{
    S3Destination *dest = (S3Destination *)base;

    credentials_free(dest->credentials);
    http_client_free(dest->http);
    s3_address_release(&dest->address);
    free(dest->region);
    free(dest);
}

/* Another endpoint is another place. */
static bool
fill_identity(S3Destination *dest, Error *err)
{
    const DestinationConfig *config = dest->base.config;
    char *text = dest->base.identity;
    size_t room = sizeof(dest->base.identity);
    int length = snprintf(text, room, "s3://%s/%s%s%s", config->bucket,
                          config->prefix == NULL ? "" : config->prefix,
                          config->endpoint == NULL ? "" : "?endpoint=",
                          config->endpoint == NULL ? "" : dest->address.base);

    if (length < 0 || (size_t)length >= room)
        return error_set(err, ERR_CONFIG, "the destination's prefix is too long");
    return true;
}

static bool
is_kms(const DestinationConfig *config)
{
    return config->sse_kms_key != NULL ||
           (config->sse != NULL && strncmp(config->sse, "aws:kms", 7) == 0);
}

static bool
s3_connect(const DestinationConfig *config, Destination **out, Error *err)
{
    const HttpPolicy policy = {.ca_file = config->ca_file, .attempts = 7};
    S3Destination *dest = memory_alloc_zero(1, sizeof(*dest));

    dest->base = (Destination){.driver = &S3_DRIVER, .config = config};
    dest->uses_crc = is_kms(config);
    *out = NULL;
    if (!http_client_create(&policy, &dest->http, err) ||
        !credentials_create(config, dest->http, &dest->credentials, err) ||
        !choose_region(dest, err) || !s3_address_init(config, dest->region, &dest->address, err) ||
        !fill_identity(dest, err)) {
        s3_free(&dest->base);
        return false;
    }
    *out = &dest->base;
    return true;
}

const DestinationDriver S3_DRIVER = {
    .kind = DESTINATION_S3,
    .fixes_key = true,
    .hides_sealed = true,
    .connect = s3_connect,
    .open = s3_open,
    .write = s3_write,
    .seal = s3_seal,
    .release = s3_release,
    .publish = s3_publish,
    .probe = s3_probe,
    .abort = s3_abort,
    .put = s3_put,
    .open_read = s3_open_read,
    .display = s3_display,
    .free = s3_free,
};
