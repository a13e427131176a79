#include "source/json_check.h"

typedef struct Cursor {
    const uint8_t *at;
    const uint8_t *end;
} Cursor;

/* The byte ahead, 0 at the end (no JSON token starts with it). */
static uint8_t
peek(const Cursor *c)
{
    return c->at < c->end ? *c->at : 0;
}

static bool
take(Cursor *c, uint8_t byte)
{
    if (c->at == c->end || *c->at != byte)
        return false;
    c->at++;
    return true;
}

static void
skip_blanks(Cursor *c)
{
    while (peek(c) == ' ' || peek(c) == '\t' || peek(c) == '\n' || peek(c) == '\r')
        c->at++;
}

static bool
is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
take_digits(Cursor *c)
{
    if (!is_digit(peek(c)))
        return false;
    while (is_digit(peek(c)))
        c->at++;
    return true;
}

static bool
take_number(Cursor *c)
{
    take(c, '-');
    if (!take(c, '0') && !take_digits(c))
        return false;
    if (take(c, '.') && !take_digits(c))
        return false;
    if (!take(c, 'e') && !take(c, 'E'))
        return true;
    if (!take(c, '+'))
        take(c, '-');
    return take_digits(c);
}

static bool
take_escape(Cursor *c)
{
    if (take(c, 'u')) {
        for (int i = 0; i < 4; i++, c->at++) {
            uint8_t lower = (uint8_t)(peek(c) | 0x20);
            if (!is_digit(peek(c)) && !(lower >= 'a' && lower <= 'f'))
                return false;
        }
        return true;
    }
    bool is_known = peek(c) != 0 && strchr("\"\\/bfnrt", peek(c)) != NULL;
    c->at += is_known;
    return is_known;
}

static bool
take_string(Cursor *c)
{
    if (!take(c, '"'))
        return false;
    while (c->at < c->end && *c->at >= 0x20) {
        uint8_t byte = *c->at++;
        if (byte == '"')
            return true;
        if (byte == '\\' && !take_escape(c))
            return false;
    }
    return false;
}

static bool
take_word(Cursor *c, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
        return false;
    c->at += length;
    return true;
}

static bool take_value(Cursor *c, int depth);

static bool
take_member(Cursor *c, bool is_object, int depth)
{
    if (is_object) {
        skip_blanks(c);
        if (!take_string(c))
            return false;
        skip_blanks(c);
        if (!take(c, ':'))
            return false;
    }
    return take_value(c, depth);
}

static bool
take_container(Cursor *c, bool is_object, int depth)
{
    uint8_t close = is_object ? '}' : ']';

    c->at++;
    skip_blanks(c);
    if (depth > JSON_DEPTH_MAX)
        return false;
    if (take(c, close))
        return true;
    do {
        if (!take_member(c, is_object, depth + 1))
            return false;
    } while (take(c, ','));
    return take(c, close);
}

static bool
take_value(Cursor *c, int depth)
{
    bool ok;

    skip_blanks(c);
    switch (peek(c)) {
    case '{':
    case '[':
        ok = take_container(c, peek(c) == '{', depth);
        break;
    case '"':
        ok = take_string(c);
        break;
    case 't':
        ok = take_word(c, "true");
        break;
    case 'f':
        ok = take_word(c, "false");
        break;
    case 'n':
        ok = take_word(c, "null");
        break;
    default:
        ok = take_number(c);
    }
    skip_blanks(c);
    return ok;
}

bool
json_is_valid(const uint8_t *text, size_t size_bytes)
{
    Cursor cursor = {text, text + size_bytes};

    return take_value(&cursor, 1) && cursor.at == cursor.end;
}
