/* The account of the machine, from the metadata server of Google's clouds. */
#include "destination/gcs/token.h"

#include "util/environment.h"
#include "util/memory.h"

/* By address: a name server that does not answer would cost more than the question. */
static const char STANDARD_HOST[] = "169.254.169.254";

static bool
fetch(const GcsIdentity *identity, GcsToken *out, Error *err)
{
    const char *host = environment_value("GCE_METADATA_HOST");
    json_t *answer = NULL;
    Buffer url = {0};

    buffer_append_format(&url,
                         "http://%s/computeMetadata/v1/instance/service-accounts/default/token",
                         host != NULL ? host : STANDARD_HOST);
    buffer_append_text(&url, "?scopes=");
    http_encode(identity->scope, false, &url);
    HttpRequest request = {
        .method = "GET",
        .url = buffer_text(&url),
        .headers = {{"Metadata-Flavor", "Google"}},
        .n_headers = 1,
        .without_proxy = true,
    };
    bool ok = gcs_token_ask(identity, &request, &answer, err) && gcs_token_take(answer, out, err);
    json_decref(answer);
    buffer_release(&url);
    return ok;
}

const GcsTokenSource GCS_TOKEN_METADATA = {.type = "metadata", .fetch = fetch};
