/* meta.h: the _rivet_* columns behind the query's own. Source: spec types §5 */
#ifndef RIVET_PIPELINE_META_H
#define RIVET_PIPELINE_META_H

#include "batch/batch.h"
#include "config/config.h"
#include "util/arena.h"

/* The schema of the files: the query's columns, then the meta columns that are switched on. A
 * query column of such a name is ERR_CONFIG. */
MUST_USE bool meta_schema(const Schema *query, MetaColumns meta, Arena *arena, const Schema **out,
                          Error *err);

/* Fills the meta columns of every row of a batch laid out by meta_schema whose first query_columns
 * columns are complete. */
void meta_fill(Batch *batch, size_t query_columns, MetaColumns meta, int64_t exported_at_us);

#endif
