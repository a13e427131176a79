/* Workload identity federation: another provider's token, from a file or a URL, is exchanged for
 * one of Google's, with which rivet may then become a service account.
 * Source  RFC 8693; https://google.aip.dev/auth/4117 */
#include "destination/gcs/sign.h"
#include "destination/gcs/token.h"

#include "util/file.h"
#include "util/memory.h"

enum { SUBJECT_MAX_BYTES = 128 * 1024 };

/* ---- the provider's token ---- */

static bool
read_url(const GcsIdentity *identity, const json_t *source, const char *url, Buffer *out,
         Error *err)
{
    HttpRequest request = {.method = "GET", .url = url};
    HttpAnswer answer = {0};
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(json_object_get(source, "headers"), name, value)
    {
        if (json_is_string(value) && request.n_headers < HTTP_MAX_HEADERS)
            http_set_header(&request, name, json_string_value(value));
    }
    bool ok = http_send(identity->http, &request, &answer, err);
    if (ok && answer.status != 200)
        ok = error_set(err, answer.status >= 500 ? ERR_UNAVAILABLE : ERR_DENIED,
                       "the source of the subject token refuses these credentials: HTTP %d",
                       answer.status);
    if (ok)
        buffer_append(out, answer.body.data, answer.body.size);
    http_answer_free(&answer);
    return ok;
}

/* Plain text, or one field of a JSON object. */
static bool
extract_token(const GcsIdentity *identity, const json_t *source, Buffer *raw, char **out,
              Error *err)
{
    const json_t *format = json_object_get(source, "format");
    const char *type = json_string_value(json_object_get(format, "type"));
    const char *field = json_string_value(json_object_get(format, "subject_token_field_name"));

    if (type != NULL && strcmp(type, "json") == 0) {
        json_t *root = json_loadb((const char *)raw->data, raw->size, 0, NULL);
        *out =
            memory_dup_string(json_string_value(json_object_get(root, field == NULL ? "" : field)));
        json_decref(root);
    } else {
        while (raw->size > 0 && strchr(" \t\r\n", raw->data[raw->size - 1]) != NULL)
            raw->size--;
        *out = raw->size == 0 ? NULL : memory_dup_bytes((const char *)raw->data, raw->size);
    }
    return *out != NULL || error_set(err, ERR_CONFIG,
                                     "the credential_source of the credentials file '%s' yields no "
                                     "subject token",
                                     identity->path);
}

static bool
read_subject(const GcsIdentity *identity, char **out, Error *err)
{
    const json_t *source = json_object_get(identity->file, "credential_source");
    const char *path = json_string_value(json_object_get(source, "file"));
    const char *url = json_string_value(json_object_get(source, "url"));
    bool is_aws = json_object_get(source, "environment_id") != NULL;
    Buffer raw = {0};
    bool ok = false;

    *out = NULL;
    if (path != NULL)
        ok = file_read(path, SUBJECT_MAX_BYTES, &raw) == 0 ||
             error_set(err, ERR_CONFIG, "cannot read the subject token's file '%s'", path);
    else if (url != NULL && !is_aws)
        ok = read_url(identity, source, url, &raw, err);
    else
        error_set(err, ERR_UNSUPPORTED,
                  "the credential_source of the credentials file '%s' is neither 'file' nor 'url'; "
                  "AWS and executable sources are not available in this version",
                  identity->path);
    ok = ok && extract_token(identity, source, &raw, out, err);
    buffer_release(&raw);
    return ok;
}

/* ---- the exchange ---- */

/* "Basic …" for a client that has an id and a secret of its own. */
static void
append_client(const GcsIdentity *identity, Buffer *authorization)
{
    const char *id = gcs_token_optional(identity, "client_id", NULL);
    const char *secret = gcs_token_optional(identity, "client_secret", NULL);
    Buffer pair = {0};

    if (id == NULL || secret == NULL)
        return;
    buffer_append_format(&pair, "%s:%s", id, secret);
    buffer_append_text(authorization, "Basic ");
    gcs_append_base64(authorization, pair.data, pair.size);
    buffer_release(&pair);
}

static void
append_project(const GcsIdentity *identity, bool has_client, Buffer *form)
{
    const char *project = gcs_token_optional(identity, "workforce_pool_user_project", NULL);

    if (project == NULL || has_client)
        return;
    json_t *options = json_pack("{ss}", "userProject", project);
    char *text = json_dumps(options, JSON_COMPACT);
    gcs_token_form(form, "options", text);
    free(text);
    json_decref(options);
}

static bool
exchange(const GcsIdentity *identity, const char *scope, const char *subject, GcsToken *out,
         Error *err)
{
    const char *audience = NULL;
    const char *type = NULL;
    const char *url = NULL;
    Buffer form = {0};
    Buffer authorization = {0};

    if (!gcs_token_field(identity, "audience", &audience, err) ||
        !gcs_token_field(identity, "subject_token_type", &type, err) ||
        !gcs_token_field(identity, "token_url", &url, err))
        return false;
    append_client(identity, &authorization);
    gcs_token_form(&form, "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    gcs_token_form(&form, "audience", audience);
    gcs_token_form(&form, "scope", scope);
    gcs_token_form(&form, "requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
    gcs_token_form(&form, "subject_token", subject);
    gcs_token_form(&form, "subject_token_type", type);
    append_project(identity, authorization.size > 0, &form);
    bool ok =
        gcs_token_post_form(identity, url, &form,
                            authorization.size == 0 ? NULL : buffer_text(&authorization), out, err);
    buffer_release(&authorization);
    buffer_release(&form);
    return ok;
}

static bool
fetch(const GcsIdentity *identity, GcsToken *out, Error *err)
{
    const char *account_url =
        gcs_token_optional(identity, "service_account_impersonation_url", NULL);
    char *subject = NULL;

    bool ok = read_subject(identity, &subject, err) &&
              exchange(identity, account_url == NULL ? identity->scope : GCS_SCOPE_PLATFORM,
                       subject, out, err) &&
              (account_url == NULL || gcs_token_impersonate(identity, account_url, out, err));
    free(subject);
    return ok;
}

const GcsTokenSource GCS_TOKEN_EXTERNAL = {.type = "external_account", .fetch = fetch};
