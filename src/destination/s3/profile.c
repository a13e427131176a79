#include "destination/s3/profile.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "util/environment.h"

typedef struct Entry {
    struct Entry *next;
    const char *section; /* "profile NAME" or "sso-session NAME", whatever the file calls it */
    const char *key;     /* NULL: the section itself */
    const char *value;
} Entry;

struct ProfileFiles {
    Entry *first;
    Entry **end;
};

const char *
profile_home_path(const char *below, Arena *arena)
{
    const char *home = environment_value("HOME");

    return home == NULL ? NULL : arena_format(arena, "%s/%s", home, below);
}

static char *
trim(char *text)
{
    size_t length;

    text += strspn(text, " \t\r\n");
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

static void
add(ProfileFiles *files, Arena *arena, const char *section, const char *key, const char *value)
{
    Entry *entry = ARENA_NEW(arena, Entry);

    *entry = (Entry){
        .section = section,
        .key = arena_dup_string(arena, key),
        .value = arena_dup_string(arena, value),
    };
    *files->end = entry;
    files->end = &entry->next;
}

/* "[default]", "[profile NAME]" and "[sso-session NAME]" of the config file, "[NAME]" of the
 * credentials file. */
static const char *
section_name(char *line, bool is_config, Arena *arena)
{
    char *end = strchr(line, ']');

    if (end == NULL)
        return NULL;
    *end = '\0';
    char *name = trim(line + 1);
    bool is_whole =
        is_config && (strncmp(name, "profile ", 8) == 0 || strncmp(name, "sso-session ", 12) == 0);
    if (!is_whole)
        return is_config && strcmp(name, "default") != 0 ? NULL
                                                         : arena_format(arena, "profile %s", name);
    char *blank = strchr(name, ' ');
    *blank = '\0';
    return arena_format(arena, "%s %s", name, trim(blank + 1));
}

/* Lines that begin with a blank belong to nested settings, none of which is ours. */
static void
take_line(ProfileFiles *files, Arena *arena, char *line, bool is_config, const char **section)
{
    if (line[0] == '[') {
        *section = section_name(line, is_config, arena);
        if (*section != NULL)
            add(files, arena, *section, NULL, NULL);
        return;
    }
    char *equals = strchr(line, '=');
    if (*section == NULL || equals == NULL || line[0] == '#' || line[0] == ';' ||
        isspace((unsigned char)line[0]))
        return;
    *equals = '\0';
    add(files, arena, *section, trim(line), trim(equals + 1));
}

static bool
read_file(ProfileFiles *files, Arena *arena, const char *path, bool is_config, Error *err)
{
    char *line = NULL;
    size_t room = 0;
    const char *section = NULL;
    FILE *file = path == NULL ? NULL : fopen(path, "re");

    if (file == NULL)
        return path == NULL || errno == ENOENT || errno == ENOTDIR ||
               error_set_errno(err, ERR_CONFIG, errno, "cannot read the AWS credentials' file '%s'",
                               path);
    while (getline(&line, &room, file) >= 0)
        take_line(files, arena, line, is_config, &section);
    free(line);
    fclose(file);
    return true;
}

static const char *
file_path(const char *variable, const char *below, Arena *arena)
{
    const char *path = environment_value(variable);

    return path != NULL ? path : profile_home_path(below, arena);
}

bool
profile_files_read(Arena *arena, ProfileFiles **out, Error *err)
{
    ProfileFiles *files = ARENA_NEW(arena, ProfileFiles);

    files->end = &files->first;
    *out = files;
    /* The credentials file first: what is found first wins. */
    return read_file(files, arena,
                     file_path("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", arena), false,
                     err) &&
           read_file(files, arena, file_path("AWS_CONFIG_FILE", ".aws/config", arena), true, err);
}

/* key NULL: the section itself. */
static const Entry *
find(const ProfileFiles *files, const char *kind, const char *name, const char *key)
{
    size_t length = strlen(kind);

    for (const Entry *entry = files->first; entry != NULL; entry = entry->next) {
        bool is_section = strncmp(entry->section, kind, length) == 0 &&
                          strcmp(entry->section + length, name) == 0;
        bool is_key = key == NULL ? entry->key == NULL
                                  : entry->key != NULL && strcasecmp(entry->key, key) == 0;
        if (is_section && is_key)
            return entry;
    }
    return NULL;
}

bool
profile_exists(const ProfileFiles *files, const char *name)
{
    return find(files, "profile ", name, NULL) != NULL;
}

const char *
profile_value(const ProfileFiles *files, const char *name, const char *key)
{
    const Entry *entry = find(files, "profile ", name, key);

    return entry == NULL || entry->value[0] == '\0' ? NULL : entry->value;
}

const char *
profile_session_value(const ProfileFiles *files, const char *name, const char *key)
{
    const Entry *entry = find(files, "sso-session ", name, key);

    return entry == NULL || entry->value[0] == '\0' ? NULL : entry->value;
}
