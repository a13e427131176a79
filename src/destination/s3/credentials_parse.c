#include <ctype.h>
#include <time.h>

#include "destination/s3/credentials_source.h"
#include "util/memory.h"

enum { FILE_LIMIT_BYTES = 1 << 20 };

const char *
keys_variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

bool
keys_parse_time(const char *text, int64_t *at_us)
{
    struct tm utc = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
    int offset_s = 0;

    if (rest == NULL)
        return false;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (strcmp(rest, "UTC") != 0 && strcmp(rest, "Z") != 0) {
        int hours = 0;
        int minutes = 0;
        if ((*rest != '+' && *rest != '-') || strlen(rest) < 5)
            return false;
        hours = (rest[1] - '0') * 10 + rest[2] - '0';
        const char *tail = rest + 3 + (rest[3] == ':');
        minutes = (tail[0] - '0') * 10 + tail[1] - '0';
        offset_s = (hours * 60 + minutes) * 60 * (*rest == '-' ? -1 : 1);
    }
    *at_us = ((int64_t)timegm(&utc) - offset_s) * 1000000;
    return true;
}

static const char *
text_of(const json_t *object, const char *name, Arena *arena)
{
    const char *text = name == NULL ? NULL : json_string_value(json_object_get(object, name));

    return text == NULL || text[0] == '\0' ? NULL : arena_dup_string(arena, text);
}

/* SSO writes milliseconds, the others a date. */
static bool
read_expiry(const json_t *value, int64_t *at_us)
{
    *at_us = 0;
    if (json_is_integer(value)) {
        *at_us = (int64_t)json_integer_value(value) * 1000;
        return true;
    }
    return !json_is_string(value) || keys_parse_time(json_string_value(value), at_us);
}

bool
keys_from_json(const json_t *object, const KeyNames *names, Arena *arena, Keys *out)
{
    *out = (Keys){
        .access_key = text_of(object, names->access_key, arena),
        .secret_key = {text_of(object, names->secret_key, arena)},
        .session_token = {text_of(object, names->session_token, arena)},
    };
    return out->access_key != NULL && secret_is_set(out->secret_key) &&
           read_expiry(json_object_get(object, names->expiry), &out->expires_us);
}

const char *
keys_read_file(const char *path, Arena *arena)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return NULL;
    char *room = memory_alloc(FILE_LIMIT_BYTES);
    size_t size = fread(room, 1, FILE_LIMIT_BYTES, file);
    size_t first = 0;
    while (size > 0 && isspace((unsigned char)room[size - 1]))
        size--;
    while (first < size && isspace((unsigned char)room[first]))
        first++;
    const char *text =
        ferror(file) != 0 ? NULL : arena_dup_bytes(arena, room + first, size - first);
    free(room);
    fclose(file);
    return text;
}
