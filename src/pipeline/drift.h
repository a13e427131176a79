/* drift.h: has the shape of the result changed since the last run?
 *
 * Compared  names and source types of the query's columns, meta columns excluded, order ignored.
 *           A stored row without source types (written by the original) is replaced silently.
 * Source    spec: behaviour §18, state version 4 */
#ifndef RIVET_PIPELINE_DRIFT_H
#define RIVET_PIPELINE_DRIFT_H

#include "batch/schema.h"
#include "pipeline/result.h"
#include "state/state.h"

/* Compares and logs what changed. With on_schema_drift: fail a change is ERR_DRIFT. */
MUST_USE bool drift_check(State *state, const ExportConfig *export, const Schema *schema,
                          SchemaStatus *status, Error *err);
MUST_USE bool drift_store(State *state, const char *export_name, const Schema *schema, Error *err);

#endif
