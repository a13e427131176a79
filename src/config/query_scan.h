/* query_scan.h: what is what in a query: one statement made fit for wrapping, its words, its
 * quotes.
 *
 * Promise  the meaning stays: only blanks, comments and semicolons at the end go. What would mean
 *          something else inside parentheses (a second statement, a closing parenthesis too many,
 *          an open quote) is an error.
 * Dialect  enough lexical rules to know what is quoted and what is a comment; no grammar.
 * Source   spec: extraction §1, behaviour §2. */
#ifndef RIVET_CONFIG_QUERY_SCAN_H
#define RIVET_CONFIG_QUERY_SCAN_H

#include "config/config.h"
#include "util/arena.h"
#include "util/error.h"

typedef struct QueryDialect {
    bool has_dollar_quotes;        /* $tag$ … $tag$ */
    bool has_escape_strings;       /* E'…' knows backslashes */
    bool has_backslash_escapes;    /* every quoted string knows backslashes */
    bool has_nested_comments;      /* C comments nest */
    bool has_executable_comments;  /* the server runs C comments that begin with ! */
    bool has_hash_comments;        /* # to the end of the line */
    bool has_backticks;            /* `identifier` */
    bool needs_blank_after_dashes; /* "--" opens a comment only before white space */
} QueryDialect;

/* Of the servers of a kind, but for SQLite. has_backslash_escapes is a matter of the session: by
 * default MySQL has them and PostgreSQL has not. */
const QueryDialect *query_dialect(SourceKind kind, bool has_backslash_escapes);

/* The one statement of the query, text in arena. ERR_CONFIG when there is none, more than one, or
 * it is cut off. The caller puts a newline behind it before a closing parenthesis. */
MUST_USE bool query_clean(const QueryDialect *dialect, const char *query, Arena *arena,
                          const char **clean, Error *err);

/* The words and signs of a query that query_clean has taken, in order: names, numbers, whole
 * quotes, single signs, comments that the server runs. */
typedef struct QueryScan {
    const QueryDialect *dialect;
    const char *text;
    size_t at; /* next byte to look at */
} QueryScan;

/* False at the end. */
bool query_scan_next(QueryScan *scan, const char **token, size_t *length);

/* Does at, a place in text, lie outside of quotes and comments? Text need be no whole query. */
bool query_is_plain_at(const QueryDialect *dialect, const char *text, size_t at);

#endif
