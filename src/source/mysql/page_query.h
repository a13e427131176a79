/* page_query.h: can a query be read again and again, from one key on? Only when the server can put
 * the condition on the key into it: one table, a plain select list, perhaps a WHERE. What is not
 * plain is read as a stream, so when in doubt the answer is no. Source: spec extraction §3. */
#ifndef RIVET_SOURCE_MYSQL_PAGE_QUERY_H
#define RIVET_SOURCE_MYSQL_PAGE_QUERY_H

#include "config/query_scan.h"

/* query is the text of query_clean. */
bool my_query_has_pages(const QueryDialect *dialect, const char *query);

#endif
