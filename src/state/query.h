/* query.h: one statement with its parameters and rows, inside src/state only.
 *
 * A RowType says once how a struct maps to names; every statement that uses a name as :parameter or
 * as a result column then binds or reads that field. Names a RowType does not know are bound by
 * hand (query_bind_*), or are not read.
 *
 * Use     Query q = query_begin(state, SQL_X); bind …; then exactly one of the calls that end it.
 * Errors  of begin and bind are kept and come out of the ending call. */
#ifndef RIVET_STATE_QUERY_H
#define RIVET_STATE_QUERY_H

#include "state/connection.h"

typedef enum FieldKind {
    FIELD_TEXT,         /* const char *; NULL stays NULL */
    FIELD_NEEDED_TEXT,  /* const char *; a stored NULL is an error */
    FIELD_INT,          /* int64_t; a stored NULL reads as 0 */
    FIELD_OPTIONAL_INT, /* int64_t; NULL reads as -1, anything below 0 is written as NULL */
    FIELD_FLAG,         /* int; likewise */
    FIELD_BOOL,         /* bool */
    FIELD_COUNT,        /* uint64_t below 2^63; a stored NULL reads as 0 */
    FIELD_HEX,          /* uint64_t, stored as 16 hex digits; NULL reads as 0 */
    FIELD_BYTES,        /* const void *, its size_t at size_offset */
} FieldKind;

typedef struct Field {
    const char *name;
    FieldKind kind;
    size_t offset;
    size_t size_offset;
} Field;

typedef struct RowType {
    size_t size_bytes;
    const Field *fields;
    size_t field_count;
} RowType;

#define FIELD(Type, kind, member)                                                                  \
    {                                                                                              \
#member, kind, offsetof(Type, member), 0                                                   \
    }
#define ROW_TYPE(Type, fields)                                                                     \
    {                                                                                              \
        sizeof(Type), fields, ARRAY_LENGTH(fields)                                                 \
    }

typedef struct Query {
    State *state;
    SqlId id;
    sqlite3_stmt *statement;
    int status;
} Query;

/* :now, where the statement has it, is bound here. */
Query query_begin(State *state, SqlId id);
void query_bind_row(Query *query, const RowType *type, const void *row);
void query_bind_text(Query *query, const char *name, const char *text);
void query_bind_int(Query *query, const char *name, int64_t value);

/* To the end; *changed, if asked for, is how many rows a change touched. */
bool query_run(Query *query, int64_t *changed, Error *err);
/* The one number the statement answers with. */
bool query_number(Query *query, int64_t *number, Error *err);
/* The first row, if any. */
bool query_one(Query *query, const RowType *type, Arena *arena, void *row, bool *found, Error *err);
/* All rows, as an array of the type's struct in the arena; NULL when there are none. */
bool query_list(Query *query, const RowType *type, Arena *arena, void **rows, size_t *count,
                Error *err);

#endif
