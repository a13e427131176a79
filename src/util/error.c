#include "util/error.h"

static const struct {
    const char *name;
    int exit_status;
    bool is_retryable;
} KINDS[] = {
#define ERROR_ROW(kind, name, exit_status, retry) [kind] = {name, exit_status, retry},
    ERROR_KINDS(ERROR_ROW)
#undef ERROR_ROW
};

/* A cut message must stay valid UTF-8: drop the bytes of a character that lost its end. */
static void
trim_partial_character(char *text)
{
    size_t length = strlen(text);
    size_t start = length;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (start - 1) < want)
        text[start - 1] = '\0';
}

/* util/error.h gives the analyzer macros of these names. */
#undef error_set
#undef error_set_errno

bool
error_set(Error *err, ErrorCode code, const char *format, ...)
{
    va_list args;

    if (err->code != ERR_NONE)
        return false;
    err->code = code;
    va_start(args, format);
    int length = vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    if (length >= (int)sizeof(err->message))
        trim_partial_character(err->message);
    return false;
}

bool
error_set_errno(Error *err, ErrorCode code, int errnum, const char *format, ...)
{
    va_list args;
    char what[768];
    char reason[128];

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    /* The GNU variant returns the text, which may or may not be in the buffer. */
    return error_set(err, code, "%s: %s (os error %d)", what,
                     strerror_r(errnum, reason, sizeof(reason)), errnum);
}

bool
error_add_context(Error *err, const char *format, ...)
{
    va_list args;
    char added[sizeof(err->context)];
    char old[sizeof(err->context)];

    va_start(args, format);
    vsnprintf(added, sizeof(added), format, args);
    va_end(args);
    memcpy(old, err->context, sizeof(old));
    int length = snprintf(err->context, sizeof(err->context), "%s%s%s", added,
                          old[0] == '\0' ? "" : " ", old);
    if (length >= (int)sizeof(err->context))
        trim_partial_character(err->context);
    return false;
}

void
error_clear(Error *err)
{
    *err = ERROR_INIT;
}

bool
error_is_retryable(const Error *err)
{
    return KINDS[err->code].is_retryable;
}

int
error_exit_status(const Error *err)
{
    return KINDS[err->code].exit_status;
}

const char *
error_name(ErrorCode code)
{
    return KINDS[code].name;
}

void
error_format(const Error *err, char *text, size_t size_bytes)
{
    if (err->context[0] == '\0')
        snprintf(text, size_bytes, "%s", err->message);
    else
        snprintf(text, size_bytes, "%s: %s", err->context, err->message);
}
