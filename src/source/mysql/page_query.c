#include "source/mysql/page_query.h"

#include <strings.h>

typedef struct Token {
    const char *text;
    size_t length;
} Token;

typedef struct Reader {
    QueryScan scan;
    Token token; /* the current one; length 0: the end */
    size_t depth;
} Reader;

static void
next(Reader *reader)
{
    if (!query_scan_next(&reader->scan, &reader->token.text, &reader->token.length))
        reader->token.length = 0;
}

static bool
is_word(const Reader *reader, const char *word)
{
    return reader->token.length == strlen(word) &&
           strncasecmp(reader->token.text, word, reader->token.length) == 0;
}

static bool
is_any_of(const Reader *reader, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_word(reader, words[i]))
            return true;
    return false;
}

/* Makes rows that are not rows of the table, or a result that depends on the whole of it. */
static bool
is_forbidden(const Reader *reader)
{
    static const char *const ANYWHERE[] = {"OVER", "@", "INTO", "PROCEDURE"};
    static const char *const OUTSIDE[] = {
        "DISTINCT", "DISTINCTROW", "UNION",  "INTERSECT", "EXCEPT", "MINUS",
        "GROUP",    "HAVING",      "WINDOW", "ORDER",     "LIMIT",  "STRAIGHT_JOIN",
        "OFFSET",   "FETCH",       "FOR",    "LOCK",      "JOIN",   "ROWS",
    };
    const Token *token = &reader->token;

    if (token->length > 1 && token->text[0] == '/' && token->text[1] == '*')
        return true;
    if (token->length > 4 && strncasecmp(token->text, "SQL_", 4) == 0)
        return true;
    return is_any_of(reader, ANYWHERE, ARRAY_LENGTH(ANYWHERE)) ||
           (reader->depth == 0 && is_any_of(reader, OUTSIDE, ARRAY_LENGTH(OUTSIDE)));
}

static void
count_depth(Reader *reader)
{
    if (is_word(reader, "("))
        reader->depth++;
    else if (is_word(reader, ")"))
        reader->depth--;
}

/* Up to the FROM of this query. A subquery in the list keeps the server from merging the wrapped
 * query, which would then be computed whole for each page. */
static bool
pass_select_list(Reader *reader)
{
    for (; reader->token.length > 0; next(reader)) {
        if (reader->depth == 0 && is_word(reader, "FROM"))
            return true;
        count_depth(reader);
        if (is_forbidden(reader) || is_word(reader, "SELECT"))
            return false;
    }
    return false;
}

static bool
is_sign(const Reader *reader)
{
    char c = reader->token.text[0];

    return reader->token.length == 1 && strchr("(),.;=<>+-*/%&|^~!?:'\"", c) != NULL;
}

static bool
pass_name(Reader *reader)
{
    bool is_name = reader->token.length > 0 && !is_sign(reader) && reader->token.text[0] != '\'' &&
                   !is_forbidden(reader) && !is_word(reader, "WHERE");

    next(reader);
    return is_name;
}

/* name[.name] [[AS] alias] */
static bool
pass_table(Reader *reader)
{
    if (!pass_name(reader))
        return false;
    if (is_word(reader, ".")) {
        next(reader);
        if (!pass_name(reader))
            return false;
    }
    if (is_word(reader, "AS")) {
        next(reader);
        return pass_name(reader);
    }
    return reader->token.length == 0 || is_word(reader, "WHERE") || pass_name(reader);
}

static bool
pass_condition(Reader *reader)
{
    for (; reader->token.length > 0; next(reader)) {
        count_depth(reader);
        if (is_forbidden(reader))
            return false;
    }
    return true;
}

bool
my_query_has_pages(const QueryDialect *dialect, const char *query)
{
    Reader reader = {.scan = {.dialect = dialect, .text = query}};

    next(&reader);
    if (!is_word(&reader, "SELECT"))
        return false;
    next(&reader);
    if (!pass_select_list(&reader))
        return false;
    next(&reader);
    if (!pass_table(&reader))
        return false;
    if (reader.token.length == 0)
        return true;
    if (!is_word(&reader, "WHERE"))
        return false;
    next(&reader);
    return pass_condition(&reader);
}
