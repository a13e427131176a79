/* catalog.h: what pg_type knows about the columns of a described query.
 *
 * Cost    one statement for all columns, one round trip.
 * Owner   everything in the arena given. */
#ifndef RIVET_SOURCE_POSTGRES_CATALOG_H
#define RIVET_SOURCE_POSTGRES_CATALOG_H

#include "source/postgres/postgres.h"

/* A type with its domains taken off. */
typedef struct PgCatalogType {
    uint32_t oid;
    int32_t typmod; /* -1: none; a domain's own when the column has none */
    const char *name;
    const char *quoted_name; /* "pg_catalog.int4" */
    const char *output;      /* its output function, quoted: "pg_catalog.int4out"; NULL when that is
                              * declared for another type (refcursor prints by textout) */
    const char *send;        /* name of its send function, unqualified; empty: none */
    char kind;               /* pg_type.typtype: b, c, e, p, r, m */
    char delimiter;          /* between its values in the text of an array */
    bool is_array;
    bool is_builtin;      /* of schema pg_catalog */
    uint32_t element_oid; /* array: as declared, a domain perhaps */
} PgCatalogType;

typedef struct PgCatalogColumn {
    const char *declared; /* "numeric(12,2)", as format_type spells it */
    PgCatalogType type;
    PgCatalogType element; /* of an array */
} PgCatalogColumn;

/* columns[i] for column i of the described statement. is_last: the transaction ends with it. */
MUST_USE bool pg_catalog_read(PgSource *pg, const PGresult *described, bool is_last, Arena *arena,
                              PgCatalogColumn **columns, Error *err);

#endif
