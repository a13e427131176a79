/* catalog.h: what the metadata of a result does not tell. Source: spec types §2, extraction §3. */
#ifndef RIVET_SOURCE_MYSQL_CATALOG_H
#define RIVET_SOURCE_MYSQL_CATALOG_H

#include "source/mysql/mysql_source.h"
#include "source/mysql/types.h"

/* Marks the columns that are MariaDB's JSON: a text whose base column has the json_valid check. */
MUST_USE bool my_catalog_find_json(MySource *my, MyColumn *columns, size_t column_count,
                                   Error *err);

/* The key that a table can be read in pages by, as indexes of columns that hold it unchanged:
 * unique, whole and not NULL. No columns: there is none. */
MUST_USE bool my_catalog_find_page_key(MySource *my, const MyColumn *columns, const MyField *fields,
                                       size_t column_count, Arena *arena, MyPageKey *key,
                                       Error *err);

#endif
