/* Keys that a container or an instance is given by the machine it runs on.
 * Source  https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html,
 *         https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 */
#include <curl/curl.h>

#include "destination/s3/credentials_source.h"
#include "util/interrupt.h"

static const char CONTAINER_HOST[] = "http://169.254.170.2";
static const char INSTANCE_HOST[] = "http://169.254.169.254";
static const char ROLE_PATH[] = "/latest/meta-data/iam/security-credentials/";
static const KeyNames NAMES = {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"};

/* ---- container ---- */

bool
keys_has_container(void)
{
    return environment_value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != NULL ||
           environment_value("AWS_CONTAINER_CREDENTIALS_FULL_URI") != NULL;
}

/* A token must not travel in clear to another machine. */
static bool
is_safe(const char *url)
{
    static const char *const HOSTS[] = {"localhost",     "127.0.0.1",      "[::1]",
                                        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    char *host = NULL;
    char *scheme = NULL;
    CURLU *parts = curl_url();
    bool ok = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    bool is_known = ok && strcmp(scheme, "https") == 0;

    for (size_t i = 0; ok && i < ARRAY_LENGTH(HOSTS); i++)
        is_known = is_known || strcmp(host, HOSTS[i]) == 0;
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return is_known;
}

static bool
container_url(const KeySearch *search, const char **out, Error *err)
{
    const char *relative = environment_value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");

    *out = relative != NULL ? arena_format(search->arena, "%s%s", CONTAINER_HOST, relative)
                            : environment_value("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    return is_safe(*out) || error_set(err, ERR_CONFIG,
                                      "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on "
                                      "this machine");
}

static bool
container_token(const KeySearch *search, Secret *out, Error *err)
{
    const char *path = environment_value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

    *out = (Secret){path == NULL ? environment_value("AWS_CONTAINER_AUTHORIZATION_TOKEN")
                                 : keys_read_file(path, search->arena)};
    return path == NULL || secret_is_set(*out) ||
           error_set(err, ERR_CONFIG, "cannot read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE '%s'",
                     path);
}

static bool
read_json_keys(const KeySearch *search, HttpAnswer *answer, Keys *out)
{
    json_t *root = answer->status == 200 ? json_loads(buffer_text(&answer->body), 0, NULL) : NULL;
    bool ok = keys_from_json(root, &NAMES, search->arena, out);

    json_decref(root);
    return ok;
}

/* Statuses that say nothing about what there is. */
static ErrorCode
meaning_of(const HttpAnswer *answer)
{
    bool may_pass = answer->status == 408 || answer->status == 429 || answer->status >= 500;

    return may_pass ? ERR_UNAVAILABLE : ERR_DENIED;
}

bool
keys_of_container(const KeySearch *search, Keys *out, Error *err)
{
    HttpAnswer answer = {0};
    HttpRequest request = {.method = "GET", .without_proxy = true};
    Secret token;

    if (!container_url(search, &request.url, err) || !container_token(search, &token, err))
        return false;
    if (secret_is_set(token))
        http_set_header(&request, "Authorization", secret_reveal(token));
    bool ok = http_send(search->http, &request, &answer, err);
    if (ok && !read_json_keys(search, &answer, out))
        ok = error_set(err, meaning_of(&answer),
                       "the container's endpoint gave no credentials: HTTP %d", answer.status);
    http_answer_free(&answer);
    return ok;
}

/* ---- instance ---- */

static bool
is_disabled(void)
{
    const char *text = environment_value("AWS_EC2_METADATA_DISABLED");

    return text != NULL && strcasecmp(text, "true") == 0;
}

static bool
ask_instance(HttpClient *http, const KeySearch *search, const char *method, const char *path,
             const char *header, const char *value, HttpAnswer *answer, Error *err)
{
    const char *host = environment_value("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    HttpRequest request = {
        .method = method,
        .url = arena_format(search->arena, "%s%s", host == NULL ? INSTANCE_HOST : host, path),
        .without_proxy = true,
    };

    http_set_header(&request, header, value);
    http_answer_free(answer);
    return http_send(http, &request, answer, err);
}

/* Without a role, or where nothing listens, the instance has nothing to give: true. */
static bool
is_nothing(const HttpAnswer *answer, Error *err)
{
    return meaning_of(answer) == ERR_DENIED ||
           error_set(err, ERR_UNAVAILABLE, "the instance metadata service answers HTTP %d",
                     answer->status);
}

static bool
ask_for_keys(HttpClient *http, const KeySearch *search, HttpAnswer *answer, bool *is_found,
             Keys *out, Error *err)
{
    Error ignored = ERROR_INIT;

    if (!ask_instance(http, search, "PUT", "/latest/api/token",
                      "x-aws-ec2-metadata-token-ttl-seconds", "21600", answer, &ignored))
        return ignored.code != ERR_INTERRUPTED || interrupt_check(err);
    if (answer->status != 200)
        return is_nothing(answer, err);
    const char *token = arena_dup_string(search->arena, buffer_text(&answer->body));
    if (!ask_instance(http, search, "GET", ROLE_PATH, "x-aws-ec2-metadata-token", token, answer,
                      err))
        return false;
    if (answer->status != 200)
        return is_nothing(answer, err);
    if (answer->body.size == 0)
        return true;
    char *role = arena_dup_string(search->arena, buffer_text(&answer->body));
    role[strcspn(role, "\r\n")] = '\0';
    const char *path = arena_format(search->arena, "%s%s", ROLE_PATH, role);
    if (!ask_instance(http, search, "GET", path, "x-aws-ec2-metadata-token", token, answer, err))
        return false;
    *is_found = true;
    return read_json_keys(search, answer, out) ||
           error_set(err, meaning_of(answer),
                     "the instance's role '%s' gave no credentials: HTTP %d", role, answer->status);
}

bool
keys_of_instance(const KeySearch *search, bool *is_found, Keys *out, Error *err)
{
    /* One attempt of a second and a half: on a machine that is no instance nothing answers. */
    const HttpPolicy policy = {.attempts = 1, .connect_timeout_ms = 1000, .total_timeout_ms = 1500};
    HttpClient *http = NULL;
    HttpAnswer answer = {0};

    *is_found = false;
    if (is_disabled())
        return true;
    bool ok = http_client_create(&policy, &http, err) &&
              ask_for_keys(http, search, &answer, is_found, out, err);
    http_answer_free(&answer);
    http_client_free(http);
    return ok;
}
