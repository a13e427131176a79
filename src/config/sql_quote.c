#include "config/sql_quote.h"

static void
append_doubled(Buffer *out, const char *value, const char *doubled)
{
    for (; *value != '\0'; value++) {
        if (strchr(doubled, *value) != NULL)
            buffer_append_byte(out, (uint8_t)*value);
        buffer_append_byte(out, (uint8_t)*value);
    }
}

void
sql_quote_literal(SourceKind kind, const char *value, Buffer *out)
{
    bool has_backslash = kind != SOURCE_SQLITE && strchr(value, '\\') != NULL;

    if (has_backslash && kind == SOURCE_MYSQL) {
        buffer_append_text(out, " _utf8mb4 X'");
        for (; *value != '\0'; value++)
            buffer_append_format(out, "%02X", (unsigned)(uint8_t)*value);
    } else {
        buffer_append_text(out, has_backslash ? " E'" : " '");
        append_doubled(out, value, has_backslash ? "'\\" : "'");
    }
    buffer_append_byte(out, '\'');
}

void
sql_quote_identifier(SourceKind kind, const char *value, Buffer *out)
{
    const char *quote = kind == SOURCE_MYSQL ? "`" : "\"";

    buffer_append_text(out, quote);
    append_doubled(out, value, quote);
    buffer_append_text(out, quote);
}

static bool
is_word_byte(char byte)
{
    return byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || (unsigned char)byte >= 0x80;
}

/* Is the quote at the beginning of an E'…'? */
static bool
is_escape_string(const char *text, const char *quote)
{
    size_t before = (size_t)(quote - text);

    return *quote == '\'' && before > 0 && (quote[-1] == 'E' || quote[-1] == 'e') &&
           (before == 1 || !is_word_byte(quote[-2]));
}

static const char *
quoted_end(const char *at, bool has_escapes)
{
    char quote = *at++;

    for (; *at != '\0' && *at != quote; at++)
        if (has_escapes && *at == '\\' && at[1] != '\0')
            at++;
    return *at == '\0' ? at : at + 1;
}

static const char *
block_comment_end(const char *at, bool nests)
{
    int depth = 0;

    do {
        if (at[0] == '/' && at[1] == '*' && (nests || depth == 0)) {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == '/') {
            depth--;
            at += 2;
        } else {
            at++;
        }
    } while (depth > 0 && *at != '\0');
    return at;
}

static bool
begins_line_comment(SourceKind kind, const char *at)
{
    if (kind != SOURCE_MYSQL)
        return at[0] == '-' && at[1] == '-';
    return at[0] == '#' || (at[0] == '-' && at[1] == '-' && (unsigned char)at[2] <= ' ');
}

/* The end of what begins at `at`: quoted text, a comment, or one plain character. */
static const char *
piece_end(SourceKind kind, const char *text, const char *at)
{
    bool is_mysql = kind == SOURCE_MYSQL;

    if (*at == '\'' || *at == '"')
        return quoted_end(at, is_mysql || (kind == SOURCE_POSTGRES && is_escape_string(text, at)));
    if (*at == '`' && is_mysql)
        return quoted_end(at, false);
    if (begins_line_comment(kind, at))
        return at + strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*')
        return block_comment_end(at, kind == SOURCE_POSTGRES);
    return at + 1;
}

bool
sql_is_plain_at(SourceKind kind, const char *text, const char *at)
{
    const char *scan = text;

    while (scan < at)
        scan = piece_end(kind, text, scan);
    return scan == at;
}
