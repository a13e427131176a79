/* ledger.h: the state rows of a part, written by the main thread on behalf of a worker.
 *
 * Each function is one exchange_call, so it returns when the row is durable (spec: delivery §2:
 * the intent comes before the object, the object before the record).
 * A destination without units (stdout) keeps no rows: callers skip the ledger then. */
#ifndef RIVET_PIPELINE_LEDGER_H
#define RIVET_PIPELINE_LEDGER_H

#include "pipeline/unit.h"

/* Transaction 0. */
MUST_USE bool ledger_part_open(const UnitContext *context, int64_t unit, const SealedPart *part,
                               Error *err);
/* After the destination gave its reference. */
MUST_USE bool ledger_part_reference(const UnitContext *context, int64_t unit,
                                    const SealedPart *part, Error *err);
MUST_USE bool ledger_part_seal(const UnitContext *context, int64_t unit, const SealedPart *part,
                               Error *err);

#endif
