#include "source/utf8.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Lead bytes with the range of the byte that follows; all further ones are 80 … BF. */
static const struct {
    uint8_t first, last, length, second_least, second_most;
} SEQUENCES[] = {
    {0x00, 0x7F, 1, 0x00, 0x00}, {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

/* Bytes of the character at the front, or 0; *matched: how many bytes were right (at least 1). */
static size_t
character_length(const uint8_t *bytes, size_t size_bytes, size_t *matched)
{
    size_t row = 0;

    *matched = 1;
    while (row < ARRAY_LENGTH(SEQUENCES) &&
           (bytes[0] < SEQUENCES[row].first || bytes[0] > SEQUENCES[row].last))
        row++;
    if (row == ARRAY_LENGTH(SEQUENCES))
        return 0;
    for (size_t i = 1; i < SEQUENCES[row].length; i++, ++*matched) {
        uint8_t least = i == 1 ? SEQUENCES[row].second_least : 0x80;
        uint8_t most = i == 1 ? SEQUENCES[row].second_most : 0xBF;
        if (i >= size_bytes || bytes[i] < least || bytes[i] > most)
            return 0;
    }
    return SEQUENCES[row].length;
}

static size_t
skip_ascii(const uint8_t *bytes, size_t size_bytes, size_t at)
{
    uint64_t word;

    for (; size_bytes - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, bytes + at, sizeof(word));
        if ((word & HIGH_BITS) != 0)
            break;
    }
    while (at < size_bytes && bytes[at] < 0x80)
        at++;
    return at;
}

bool
utf8_is_valid(const uint8_t *bytes, size_t size_bytes)
{
    size_t matched;

    for (size_t at = skip_ascii(bytes, size_bytes, 0); at < size_bytes;
         at = skip_ascii(bytes, size_bytes, at)) {
        size_t length = character_length(bytes + at, size_bytes - at, &matched);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

void
utf8_replace_invalid(const uint8_t *bytes, size_t size_bytes, Buffer *out)
{
    size_t matched;

    for (size_t at = 0; at < size_bytes; at += matched) {
        size_t length = character_length(bytes + at, size_bytes - at, &matched);
        if (length == 0)
            buffer_append_text(out, "\xEF\xBF\xBD");
        else
            buffer_append(out, bytes + at, length);
    }
}
