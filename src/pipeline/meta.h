/* meta.h: the _rivet_* columns behind the query's own. Source: spec types §5 */
#ifndef RIVET_PIPELINE_META_H
#define RIVET_PIPELINE_META_H

#include "batch/batch.h"
#include "config/config.h"
#include "util/arena.h"

/* The schema of the files: the query's columns, then the meta columns that are switched on. The
 * query has none of their names (columns_check). */
const Schema *meta_schema(const Schema *query, MetaColumns meta, Arena *arena);

/* Fills the meta columns of every row of a batch laid out by meta_schema whose first query_columns
 * columns are complete. */
void meta_fill(Batch *batch, size_t query_columns, MetaColumns meta, int64_t exported_at_us);

#endif
