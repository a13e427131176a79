#include <curl/curl.h>

#include "destination/s3/s3.h"
#include "util/memory.h"

static bool
fail_endpoint(const char *endpoint, Error *err)
{
    err->hint = "write it as https://host or http://host:port";
    return error_set(err, ERR_CONFIG, "endpoint '%s' is no address of a server", endpoint);
}

/* "scheme://host[:port]" of an endpoint, which may end in a slash but names no path. */
static char *
endpoint_base(const char *endpoint)
{
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *path = NULL;
    char *base = NULL;
    CURLU *url = curl_url();

    if (url != NULL && curl_url_set(url, CURLUPART_URL, endpoint, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") == 0 &&
        (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0)) {
        /* The scheme's own port is left away, as libcurl leaves it out of the Host header. */
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
        base = memory_format("%s://%s%s%s", scheme, host, port == NULL ? "" : ":",
                             port == NULL ? "" : port);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_url_cleanup(url);
    return base;
}

static bool
begins_with_bucket(const char *base, const char *bucket)
{
    const char *host = strstr(base, "://") + 3;
    size_t length = strlen(bucket);

    return strncmp(host, bucket, length) == 0 && host[length] == '.';
}

static char *
aws_base(const DestinationConfig *config, const char *region, bool is_path_style)
{
    const char *domain = strncmp(region, "cn-", 3) == 0 ? "amazonaws.com.cn" : "amazonaws.com";

    return memory_format("https://%s%ss3.%s.%s", is_path_style ? "" : config->bucket,
                         is_path_style ? "" : ".", region, domain);
}

bool
s3_address_init(const DestinationConfig *config, const char *region, S3Address *out, Error *err)
{
    Buffer path = {0};
    bool is_path_style =
        config->path_style || config->endpoint != NULL || strchr(config->bucket, '.') != NULL;

    if (config->endpoint == NULL) {
        out->base = aws_base(config, region, is_path_style);
    } else {
        out->base = endpoint_base(config->endpoint);
        if (out->base == NULL)
            return fail_endpoint(config->endpoint, err);
        is_path_style = config->path_style || !begins_with_bucket(out->base, config->bucket);
    }
    if (is_path_style) {
        buffer_append_byte(&path, '/');
        http_encode(config->bucket, false, &path);
    }
    out->path = buffer_take_text(&path);
    out->host = strstr(out->base, "://") + 3;
    out->is_secure = strncmp(out->base, "https", 5) == 0;
    return true;
}

void
s3_address_release(S3Address *address)
{
    free(address->base);
    free(address->path);
    *address = (S3Address){0};
}
