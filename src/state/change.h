/* change.h: one change of the state, whole or not at all, inside src/state only.
 *
 * BEGIN IMMEDIATE, so that two writers queue at the start and never fail in the middle. A COMMIT
 * that fails with anything but BUSY may have happened or not; the file is then opened anew and
 * asked (spec: delivery §6). */
#ifndef RIVET_STATE_CHANGE_H
#define RIVET_STATE_CHANGE_H

#include "state/query.h"

typedef struct Change {
    const char *name;   /* of fault points (change.c): "intend" */
    const char *what;   /* what is recorded, in the error's context: "a unit's intents" */
    const RowType *row; /* what arguments is */
    SqlId sql;          /* one statement bound from arguments; or: */
    bool (*apply)(State *state, const void *arguments, Error *err);
    SqlId applied;       /* non-zero when the change is in the file; SQL_NONE: nobody can tell */
    const char *missing; /* the error when sql touches no row; NULL: none */
} Change;

/* *changed, if asked for: rows touched by sql. */
bool change_make(State *state, const Change *change, const void *arguments, int64_t *changed,
                 Error *err);

/* For apply: one statement bound from a row. */
bool change_run(State *state, SqlId sql, const RowType *row, const void *arguments, Error *err);
/* Fails with ERR_STATE and this message unless the statement's number is 0. */
bool change_require_none(State *state, SqlId sql, const RowType *row, const void *arguments,
                         const char *message, Error *err);

#endif
