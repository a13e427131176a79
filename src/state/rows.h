/* rows.h: row types that more than one file of src/state binds. */
#ifndef RIVET_STATE_ROWS_H
#define RIVET_STATE_ROWS_H

#include "state/query.h"

extern const RowType PART_ROW;   /* PartRow, part.c */
extern const RowType CURSOR_ROW; /* CursorRow, cursor.c */

#endif
