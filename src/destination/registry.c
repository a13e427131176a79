#include "destination/destination.h"

#include "destination/gcs/gcs.h"
#include "destination/local/local.h"
#include "destination/s3/s3.h"
#include "destination/stdout/stdout.h"

static const DestinationDriver *const DRIVERS[] = {
    &GCS_DRIVER,
    &LOCAL_DRIVER,
    &S3_DRIVER,
    &STDOUT_DRIVER,
};

static const DestinationDriver *
find_driver(DestinationKind kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(DRIVERS); i++)
        if (DRIVERS[i]->kind == kind)
            return DRIVERS[i];
    return NULL;
}

bool
destination_connect(const DestinationConfig *config, Destination **out, Error *err)
{
    const DestinationDriver *driver = find_driver(config->kind);

    *out = NULL;
    if (driver != NULL)
        return driver->connect(config, out, err);
    return error_set(err, ERR_UNSUPPORTED,
                     "this destination type is not available in this version");
}

bool
destination_identify(const DestinationConfig *config, Destination *place, Error *err)
{
    const DestinationDriver *driver = find_driver(config->kind);
    Destination *dest = NULL;

    *place = (Destination){.driver = driver, .config = config};
    if (driver != NULL && driver->identify != NULL)
        return driver->identify(config, place, err);
    if (!destination_connect(config, &dest, err))
        return false;
    *place = *dest;
    destination_free(dest);
    return true;
}

bool
destination_exists(const DestinationConfig *config, bool *exists, Error *err)
{
    const DestinationDriver *driver = find_driver(config->kind);

    *exists = true;
    return driver == NULL || driver->exists == NULL || driver->exists(config, exists, err);
}

void
destination_free(Destination *dest)
{
    if (dest != NULL)
        dest->driver->free(dest);
}

void
destination_display_key(const Destination *dest, const char *key, char *text, size_t size_bytes)
{
    if (dest->driver->display != NULL)
        dest->driver->display(dest, key, text, size_bytes);
    else
        snprintf(text, size_bytes, "%s%s", dest->identity, key);
}
