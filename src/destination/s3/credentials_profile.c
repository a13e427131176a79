#include "destination/s3/credentials_source.h"

enum { SOURCE_DEPTH_MAX = 5 };

bool
keys_of_environment(const KeySearch *search, Keys *out)
{
    const char *access_key = environment_value("AWS_ACCESS_KEY_ID");
    const char *secret_key = environment_value("AWS_SECRET_ACCESS_KEY");
    const char *token = environment_value("AWS_SESSION_TOKEN");

    if (access_key == NULL || secret_key == NULL)
        return false;
    *out = (Keys){
        .access_key = arena_dup_string(search->arena, access_key),
        .secret_key = {arena_dup_string(search->arena, secret_key)},
        .session_token = {arena_dup_string(search->arena, token)},
    };
    return true;
}

static bool
keys_of_text(const KeySearch *search, const char *name, Keys *out, Error *err)
{
    const ProfileFiles *files = search->files;

    *out = (Keys){
        .access_key = profile_value(files, name, "aws_access_key_id"),
        .secret_key = {profile_value(files, name, "aws_secret_access_key")},
        .session_token = {profile_value(files, name, "aws_session_token")},
    };
    return (out->access_key != NULL && secret_is_set(out->secret_key)) ||
           error_set(err, ERR_CONFIG,
                     "the AWS profile '%s' lacks aws_access_key_id or aws_secret_access_key "
                     "(no credentials)",
                     name);
}

static bool
keys_of_instance_alone(const KeySearch *search, Keys *out, Error *err)
{
    bool is_found = false;

    return keys_of_instance(search, &is_found, out, err) &&
           (is_found || error_set(err, ERR_DENIED,
                                  "no credentials: the instance metadata service does not answer, "
                                  "or the instance has no role"));
}

/* What a role of a profile is assumed with. */
static bool
keys_for_role(const KeySearch *search, const char *name, int depth, Keys *out, Error *err)
{
    const char *source_profile = profile_value(search->files, name, "source_profile");
    const char *source = profile_value(search->files, name, "credential_source");

    if (source_profile != NULL && strcmp(source_profile, name) == 0)
        return keys_of_text(search, name, out, err);
    if (source_profile != NULL)
        return keys_of_profile(search, source_profile, depth + 1, out, err);
    if (source != NULL && strcmp(source, "Environment") == 0)
        return keys_of_environment(search, out) ||
               error_set(err, ERR_CONFIG,
                         "the AWS profile '%s' wants credentials of the environment, which has "
                         "none",
                         name);
    if (source != NULL && strcmp(source, "EcsContainer") == 0 && keys_has_container())
        return keys_of_container(search, out, err);
    if (source != NULL && strcmp(source, "Ec2InstanceMetadata") == 0)
        return keys_of_instance_alone(search, out, err);
    return error_set(err, ERR_CONFIG,
                     "the AWS profile '%s' has a role_arn, but neither a source_profile nor a "
                     "credential_source that works here (no credentials)",
                     name);
}

static bool
keys_of_profile_role(const KeySearch *search, const char *name, const char *role_arn, int depth,
                     Keys *out, Error *err)
{
    const ProfileFiles *files = search->files;
    const char *token_file = profile_value(files, name, "web_identity_token_file");
    const RoleRequest role = {
        .role_arn = role_arn,
        .session_name = profile_value(files, name, "role_session_name"),
        .external_id = profile_value(files, name, "external_id"),
        .duration_s = profile_value(files, name, "duration_seconds"),
    };
    Keys with;

    if (profile_value(files, name, "mfa_serial") != NULL) {
        err->hint = "use credential_process or a session made beforehand";
        return error_set(err, ERR_UNSUPPORTED,
                         "the AWS profile '%s' wants a code typed in (mfa_serial)", name);
    }
    if (token_file != NULL)
        return keys_of_web_identity(search, &role, token_file, out, err);
    return keys_for_role(search, name, depth, &with, err) &&
           keys_of_role(search, &role, &with, out, err);
}

bool
keys_of_profile(const KeySearch *search, const char *name, int depth, Keys *out, Error *err)
{
    const ProfileFiles *files = search->files;
    const char *role_arn = profile_value(files, name, "role_arn");
    const char *command = profile_value(files, name, "credential_process");

    if (depth > SOURCE_DEPTH_MAX)
        return error_set(err, ERR_CONFIG,
                         "the source_profile of AWS profile '%s' leads in a circle", name);
    if (!profile_exists(files, name)) {
        err->hint = "looked in ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE and "
                    "AWS_SHARED_CREDENTIALS_FILE point";
        return error_set(err, ERR_CONFIG, "there is no AWS profile '%s' (no credentials)", name);
    }
    if (role_arn != NULL)
        return keys_of_profile_role(search, name, role_arn, depth, out, err);
    if (profile_value(files, name, "aws_access_key_id") != NULL)
        return keys_of_text(search, name, out, err);
    if (profile_value(files, name, "sso_session") != NULL ||
        profile_value(files, name, "sso_start_url") != NULL)
        return keys_of_sso(search, name, out, err);
    if (command != NULL)
        return keys_of_process(search, command, out, err);
    return error_set(err, ERR_CONFIG, "the AWS profile '%s' holds no credentials", name);
}
