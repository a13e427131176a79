/* explain.h: reading the text of a PostgreSQL plan. */
#ifndef RIVET_SOURCE_POSTGRES_EXPLAIN_H
#define RIVET_SOURCE_POSTGRES_EXPLAIN_H

#include "source/source.h"

/* Takes the next line of the plan into facts, which begins zeroed. The estimate is the topmost
 * node's; the scan text is the first scanning node's, without its arrow, else the first line.
 * Source  spec: cli §6.1 */
void pg_explain_take_line(const char *line, Arena *arena, QueryFacts *facts);

#endif
