/* profile.h: the shared AWS files, ~/.aws/config and ~/.aws/credentials, inside credentials*.c
 * only.
 *
 * A profile is the union of its section in both files; where both have a key the credentials file
 * wins. Neither file need exist.
 * Source  https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
#ifndef RIVET_DESTINATION_S3_PROFILE_H
#define RIVET_DESTINATION_S3_PROFILE_H

#include "util/arena.h"
#include "util/error.h"

typedef struct ProfileFiles ProfileFiles;

/* Texts in arena. AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE move the files. */
MUST_USE bool profile_files_read(Arena *arena, ProfileFiles **out, Error *err);
bool profile_exists(const ProfileFiles *files, const char *name);
/* NULL when the profile does not have it. */
const char *profile_value(const ProfileFiles *files, const char *name, const char *key);
/* Of a section "[sso-session <name>]". */
const char *profile_session_value(const ProfileFiles *files, const char *name, const char *key);
/* $HOME/<below>, in arena; NULL without HOME. */
const char *profile_home_path(const char *below, Arena *arena);

#endif
