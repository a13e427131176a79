#include "config/sql_quote.h"

#include "config/query_scan.h"

void
sql_quote_literal(SourceKind kind, const char *value, Buffer *out)
{
    bool has_backslash = kind != SOURCE_SQLITE && strchr(value, '\\') != NULL;

    if (!has_backslash) {
        buffer_append_byte(out, ' ');
        buffer_append_quoted(out, value, "'");
    } else if (kind == SOURCE_MYSQL) {
        buffer_append_text(out, " _utf8mb4 X'");
        for (; *value != '\0'; value++)
            buffer_append_format(out, "%02X", (unsigned)(uint8_t)*value);
        buffer_append_byte(out, '\'');
    } else {
        buffer_append_text(out, " E");
        buffer_append_quoted(out, value, "'\\");
    }
}

void
sql_quote_identifier(SourceKind kind, const char *value, Buffer *out)
{
    buffer_append_quoted(out, value, kind == SOURCE_MYSQL ? "`" : "\"");
}

bool
sql_is_plain_at(SourceKind kind, const char *text, const char *at)
{
    return query_is_plain_at(query_dialect(kind, kind == SOURCE_MYSQL), text, (size_t)(at - text));
}
