#include "config/query_scan.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_BLANK, /* white space or comment */
    TOKEN_SEMICOLON,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_WORD, /* a name, a number */
    TOKEN_OTHER,
    TOKEN_CUT_OFF, /* a quote or comment without its end */
} TokenKind;

const QueryDialect *
query_dialect(SourceKind kind, bool has_backslash_escapes)
{
    static const QueryDialect POSTGRES[] = {
        {.has_dollar_quotes = true, .has_escape_strings = true, .has_nested_comments = true},
        {.has_dollar_quotes = true,
         .has_escape_strings = true,
         .has_nested_comments = true,
         .has_backslash_escapes = true},
    };
    static const QueryDialect MYSQL[] = {
        {.has_executable_comments = true,
         .has_hash_comments = true,
         .has_backticks = true,
         .needs_blank_after_dashes = true},
        {.has_executable_comments = true,
         .has_hash_comments = true,
         .has_backticks = true,
         .needs_blank_after_dashes = true,
         .has_backslash_escapes = true},
    };

    return kind == SOURCE_MYSQL ? &MYSQL[has_backslash_escapes] : &POSTGRES[has_backslash_escapes];
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of a UTF-8 sequence count as letters, as both servers see it. */
static bool
is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

static bool
is_word(char c)
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

/* From the opening quote to behind the closing one; a doubled quote stands for itself. */
static TokenKind
scan_quoted(QueryScan *s, bool has_backslashes)
{
    char quote = s->text[s->at++];

    for (; s->text[s->at] != '\0'; s->at++) {
        if (has_backslashes && s->text[s->at] == '\\' && s->text[s->at + 1] != '\0') {
            s->at++;
        } else if (s->text[s->at] == quote) {
            s->at++;
            if (s->text[s->at] != quote)
                return TOKEN_OTHER;
        }
    }
    return TOKEN_CUT_OFF;
}

static TokenKind
scan_line_comment(QueryScan *s)
{
    s->at += strcspn(s->text + s->at, "\n");
    return TOKEN_BLANK;
}

static TokenKind
scan_block_comment(QueryScan *s)
{
    const char *start = s->text + s->at;
    bool is_executable = s->dialect->has_executable_comments &&
                         (start[2] == '!' || strncmp(start + 2, "M!", 2) == 0);
    int depth = 0;

    while (s->text[s->at] != '\0') {
        if (strncmp(s->text + s->at, "*/", 2) == 0) {
            s->at += 2;
            if (--depth == 0)
                return is_executable ? TOKEN_OTHER : TOKEN_BLANK;
        } else if (strncmp(s->text + s->at, "/*", 2) == 0) {
            s->at += 2;
            depth += depth == 0 || s->dialect->has_nested_comments;
        } else {
            s->at++;
        }
    }
    return TOKEN_CUT_OFF;
}

/* Length of the "$tag$" at text, 0 when it is none ("$1"). */
static size_t
dollar_tag_length(const char *text)
{
    size_t n = 1;

    if (is_word_start(text[n]))
        while (is_word(text[n]) && text[n] != '$')
            n++;
    return text[n] == '$' ? n + 1 : 0;
}

static TokenKind
scan_dollar(QueryScan *s)
{
    const char *tag = s->text + s->at;
    size_t length = s->dialect->has_dollar_quotes ? dollar_tag_length(tag) : 0;

    if (length == 0) {
        s->at++;
        return TOKEN_OTHER;
    }
    for (s->at += length; s->text[s->at] != '\0'; s->at++) {
        if (strncmp(s->text + s->at, tag, length) == 0) {
            s->at += length;
            return TOKEN_OTHER;
        }
    }
    return TOKEN_CUT_OFF;
}

static TokenKind
scan_word(QueryScan *s)
{
    size_t start = s->at;

    while (is_word(s->text[s->at]))
        s->at++;
    bool is_escape_prefix = s->dialect->has_escape_strings && s->at - start == 1 &&
                            (s->text[start] == 'e' || s->text[start] == 'E');
    if (is_escape_prefix && s->text[s->at] == '\'')
        return scan_quoted(s, true);
    return TOKEN_WORD;
}

static bool
is_dash_comment(const QueryScan *s)
{
    const char *text = s->text + s->at;

    if (text[0] != '-' || text[1] != '-')
        return false;
    return !s->dialect->needs_blank_after_dashes || (unsigned char)text[2] <= ' ';
}

static TokenKind
next_token(QueryScan *s)
{
    const QueryDialect *dialect = s->dialect;
    char c = s->text[s->at];

    if (c == '\0')
        return TOKEN_END;
    if (is_dash_comment(s) || (c == '#' && dialect->has_hash_comments))
        return scan_line_comment(s);
    if (c == '/' && s->text[s->at + 1] == '*')
        return scan_block_comment(s);
    if (c == '\'' || (c == '"' && dialect->has_backslash_escapes))
        return scan_quoted(s, dialect->has_backslash_escapes);
    if (c == '"' || (c == '`' && dialect->has_backticks))
        return scan_quoted(s, false);
    if (c == '$')
        return scan_dollar(s);
    if (is_word(c))
        return scan_word(s);
    s->at++;
    if (is_blank(c))
        return TOKEN_BLANK;
    return c == ';'   ? TOKEN_SEMICOLON
           : c == '(' ? TOKEN_OPEN
           : c == ')' ? TOKEN_CLOSE
                      : TOKEN_OTHER;
}

/* What the scan has seen so far. */
typedef struct Statement {
    size_t end;    /* behind its last token; 0: no token yet */
    size_t depth;  /* open parentheses */
    bool is_ended; /* by a semicolon */
} Statement;

static bool
take_token(Statement *statement, TokenKind kind, size_t end, Error *err)
{
    if (kind == TOKEN_BLANK)
        return true;
    if (kind == TOKEN_CUT_OFF)
        return error_set(err, ERR_CONFIG, "the query ends inside a quote or comment");
    if (kind == TOKEN_SEMICOLON) {
        statement->is_ended = statement->end > 0;
        return true;
    }
    if (statement->is_ended)
        return error_set(err, ERR_CONFIG,
                         "the query holds more than one statement; an export runs exactly one");
    if (kind == TOKEN_CLOSE && statement->depth == 0)
        return error_set(err, ERR_CONFIG, "the query closes a parenthesis it did not open");
    if (kind == TOKEN_OPEN)
        statement->depth++;
    else if (kind == TOKEN_CLOSE)
        statement->depth--;
    statement->end = end;
    return true;
}

bool
query_clean(const QueryDialect *dialect, const char *query, Arena *arena, const char **clean,
            Error *err)
{
    QueryScan scanner = {.dialect = dialect, .text = query};
    Statement statement = {0};
    size_t start = 0;
    TokenKind kind;

    while (is_blank(query[start]) || query[start] == ';')
        start++;
    while ((kind = next_token(&scanner)) != TOKEN_END) {
        if (!take_token(&statement, kind, scanner.at, err))
            return false;
    }
    if (statement.end == 0)
        return error_set(err, ERR_CONFIG, "the query is empty");
    if (statement.depth > 0)
        return error_set(err, ERR_CONFIG, "the query leaves a parenthesis open");
    *clean = arena_dup_bytes(arena, query + start, statement.end - start);
    return true;
}

bool
query_scan_next(QueryScan *scan, const char **token, size_t *length)
{
    TokenKind kind;
    size_t start;

    do {
        start = scan->at;
        kind = next_token(scan);
    } while (kind == TOKEN_BLANK);
    *token = scan->text + start;
    *length = scan->at - start;
    return kind != TOKEN_END;
}

bool
query_is_plain_at(const QueryDialect *dialect, const char *text, size_t at)
{
    QueryScan scanner = {.dialect = dialect, .text = text};
    TokenKind kind = TOKEN_BLANK;

    while (scanner.at < at && kind != TOKEN_END)
        kind = next_token(&scanner);
    return scanner.at == at || kind == TOKEN_WORD; /* "LIKE${" is one */
}
