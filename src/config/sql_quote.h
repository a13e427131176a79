/* sql_quote.h: a value as a piece of SQL that can mean nothing but itself, where it may stand.
 *
 * literal   a text: '…' with quotes doubled; with backslashes E'…' for PostgreSQL and hexadecimal
 *           for MySQL, so that neither standard_conforming_strings nor sql_mode matters.
 * ident     one name, quoted as the source quotes names; dots are part of it.
 * A blank before a literal keeps it apart from the word that it follows. */
#ifndef RIVET_CONFIG_SQL_QUOTE_H
#define RIVET_CONFIG_SQL_QUOTE_H

#include "config/config.h"
#include "util/buffer.h"

void sql_quote_literal(SourceKind kind, const char *value, Buffer *out);
void sql_quote_identifier(SourceKind kind, const char *value, Buffer *out);

/* Does at, a place in text, lie outside of quotes and comments? Inside, quotes would not hold. */
bool sql_is_plain_at(SourceKind kind, const char *text, const char *at);

#endif
