#include "destination/s3/credentials_source.h"
#include "util/clock.h"
#include "util/file.h"

enum { FILE_LIMIT_BYTES = 1 << 20 };

static const char WHITE_SPACE[] = " \t\r\n\v\f";

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
    return !json_is_string(value) || clock_parse_rfc3339(json_string_value(value), at_us);
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
    Buffer file = {0};
    const char *text = NULL;

    if (file_read(path, FILE_LIMIT_BYTES, &file) == 0) {
        const char *first = buffer_text(&file);
        first += strspn(first, WHITE_SPACE);
        size_t size = strlen(first);
        while (size > 0 && strchr(WHITE_SPACE, first[size - 1]) != NULL)
            size--;
        text = arena_dup_bytes(arena, first, size);
    }
    buffer_release(&file);
    return text;
}
