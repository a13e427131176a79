#include "config/load_context.h"

enum { SHOWN_BYTES = 100, PLACE_BYTES = 200 };

static bool
is_control(char byte)
{
    return (unsigned char)byte < 0x20 || byte == 0x7F;
}

static void
make_printable(char *text)
{
    for (; *text != '\0'; text++)
        if (is_control(*text) && *text != '\n')
            *text = '?';
}

/* "path:12" or "path"; of a long path the end is kept, that is where files differ. */
static void
format_place(const LoadContext *load, int line, char *place, size_t size_bytes)
{
    const char *path = load->options->path;
    size_t length = strlen(path);
    const char *start = length > PLACE_BYTES ? path + (length - PLACE_BYTES) : path;

    while (start > path && ((unsigned char)*start & 0xC0) == 0x80)
        start++;
    const char *cut = start > path ? "..." : "";
    if (line > 0)
        snprintf(place, size_bytes, "%s%s:%d", cut, start, line);
    else
        snprintf(place, size_bytes, "%s%s", cut, start);
    make_printable(place);
}

void
config_set_error(const LoadContext *load, int line, Error *err, const char *format, ...)
{
    va_list args;
    char message[sizeof(err->message)];
    char place[PLACE_BYTES + 32];

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    redact_urls(message);
    make_printable(message);
    format_place(load, line, place, sizeof(place));
    error_set(err, ERR_CONFIG, "%s", message);
    error_add_context(err, "%s", place);
}

bool
config_can_warn(const LoadContext *load)
{
    return load->warning_count < MAX_WARNINGS;
}

void
config_warn(LoadContext *load, int line, const char *format, ...)
{
    va_list args;
    char message[1024];
    char place[PLACE_BYTES + 32];

    if (!config_can_warn(load)) {
        load->warning_count++;
        return;
    }
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    redact_urls(message);
    make_printable(message);
    format_place(load, line, place, sizeof(place));
    load->warnings[load->warning_count++] = arena_format(load->arena, "%s: %s", place, message);
}

void
config_finish_warnings(LoadContext *load)
{
    if (load->warning_count <= MAX_WARNINGS)
        return;
    load->warnings[MAX_WARNINGS] =
        arena_format(load->arena, "%s: %zu more warnings of this kind", load->options->path,
                     load->warning_count - MAX_WARNINGS);
    load->warning_count = MAX_WARNINGS + 1;
}

const char *
config_shown(const LoadContext *load, const char *text)
{
    size_t length = strlen(text);
    size_t kept = size_min(length, SHOWN_BYTES);

    while (kept < length && kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80)
        kept--;
    char *shown = arena_format(load->arena, "%.*s%s", (int)kept, text, kept < length ? "..." : "");
    for (char *at = shown; *at != '\0'; at++)
        if (is_control(*at))
            *at = '?';
    return shown;
}
