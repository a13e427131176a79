/* commit.h: from sealed parts to a recorded success. The one commit path of every mode and
 * destination.
 *
 * Order    A intents in the state → publish → B recorded → manifest → C. A crash anywhere is
 *          rolled forward by recover.h once A is durable, and back before.
 * Thread   the main thread, or a worker that has an exchange.
 * Errors   before A nothing is visible and the caller discards. From A on the intents stay, and
 *          only recovery goes on.
 * Source   spec: delivery §2, steps 5 to 8 */
#ifndef RIVET_PIPELINE_COMMIT_H
#define RIVET_PIPELINE_COMMIT_H

#include "destination/destination.h"
#include "pipeline/exchange.h"
#include "state/state.h"

typedef struct CommitUnit {
    State *state;
    Destination *destination;
    const char *manifest_key; /* where record.manifest_json goes */
    const UploadRef *refs;    /* in part order */
    size_t ref_count;
    const char *cursor_after; /* JSON array, incremental only */
    UnitRecord record;
    /* Where a worker commits: it publishes itself and has A and B done by the main thread. NULL:
     * this is the main thread, and they are state_unit_intend and state_unit_record. */
    Exchange *exchange;
    ExchangeFunction intend;
    ExchangeFunction record_unit;
    void *argument; /* of both */
} CommitUnit;

/* *is_past_intent tells which side of A a failure lies on. */
MUST_USE bool commit_unit(const CommitUnit *unit, bool *is_past_intent, Error *err);

/* Step 6 for all parts of a unit. *all_published false: at least one is gone for good (spec:
 * delivery §3.2). A foreign object under a key is an error naming it. */
MUST_USE bool commit_publish(Destination *dest, const UploadRef *refs, size_t count,
                             bool *all_published, Error *err);

/* Step 8. Repeatable: always the bytes that B stored. */
MUST_USE bool commit_manifest(State *state, Destination *dest, const char *run_id,
                              const char *manifest_key, const char *manifest_json, Error *err);

#endif
