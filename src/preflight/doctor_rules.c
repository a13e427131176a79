#include "preflight/doctor.h"

enum { RULE_WORDS_MAX = 8 };

typedef struct CategoryRule {
    const char *category;
    const char *words[RULE_WORDS_MAX]; /* lower case; any of them in the message */
} CategoryRule;

static const char AUTH[] = "auth error";
static const char CONNECTIVITY[] = "connectivity error";
static const char BUCKET_MISSING[] = "bucket not found";
static const char PATH_MISSING[] = "path not found";
static const char OTHER[] = "error";

static const CategoryRule SOURCE_RULES[] = {
    {AUTH, {"password", "authentication", "access denied"}},
    {CONNECTIVITY,
     {"connect", "refused", "timed out", "could not translate host", "name or service not known"}},
};

static const CategoryRule DESTINATION_RULES[] = {
    {AUTH,
     {"credential", "permission denied", "access denied", "unauthorized", "forbidden",
      "invalid_grant", "token"}},
    {BUCKET_MISSING, {"not found", "nosuchbucket", "404"}},
    {CONNECTIVITY, {"connect", "refused", "timed out", "dns", "endpoint"}},
};

static bool
rule_matches(const CategoryRule *rule, const char *message)
{
    for (size_t i = 0; i < RULE_WORDS_MAX && rule->words[i] != NULL; i++)
        if (strcasestr(message, rule->words[i]) != NULL)
            return true;
    return false;
}

static const char *
find_category(const CategoryRule *rules, size_t count, const char *message)
{
    for (size_t i = 0; i < count; i++)
        if (rule_matches(&rules[i], message))
            return rules[i].category;
    return OTHER;
}

const char *
doctor_source_category(const char *message)
{
    return find_category(SOURCE_RULES, ARRAY_LENGTH(SOURCE_RULES), message);
}

const char *
doctor_destination_category(DestinationKind kind, const char *message)
{
    const char *category =
        find_category(DESTINATION_RULES, ARRAY_LENGTH(DESTINATION_RULES), message);
    bool is_bucket = kind == DESTINATION_S3 || kind == DESTINATION_GCS;

    return category == BUCKET_MISSING && !is_bucket ? PATH_MISSING : category;
}

static const struct {
    ErrorCode code;       /* ERR_NONE: any */
    const char *category; /* NULL: any */
    const char *text;
} REMEDIES[] = {
    {ERR_DENIED, AUTH, "check user and password, and that this host may log in"},
    {ERR_NONE, AUTH, "check the credentials, and what they may read and write"},
    {ERR_NONE, BUCKET_MISSING, "check the name of the bucket, its region and the endpoint"},
    {ERR_NONE, PATH_MISSING, "check the path; it is relative to the working directory"},
    {ERR_CONFIG, NULL, "correct the configuration and try again"},
    {ERR_NONE, CONNECTIVITY,
     "check host, port and network from this machine, and that the server is up"},
    {ERR_UNSUPPORTED, NULL, "use another kind, or a version of rivet that has this one"},
    {ERR_IO, NULL, "check free space, permissions and the file system"},
    {ERR_NONE, NULL, "see the message; RIVET_LOG=debug shows more"},
};

const char *
doctor_remedy(const Error *err, const char *category)
{
    size_t i = 0;

    if (err->hint != NULL)
        return err->hint;
    while ((REMEDIES[i].code != ERR_NONE && REMEDIES[i].code != err->code) ||
           (REMEDIES[i].category != NULL &&
            (category == NULL || strcmp(REMEDIES[i].category, category) != 0)))
        i++; /* the last row takes everything */
    return REMEDIES[i].text;
}
