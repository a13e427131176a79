/* part.h: parts and the units they become visible in.
 *
 *   state_part_open ─ state_part_set_reference ─ state_part_seal ─ A ─ B ─ C
 *        open                                       sealed      intent visible
 *
 * A unit is a number chosen by the pipeline. In a run with a chunk plan (chunk.h) it is the chunk's
 * index: A, B and state_unit_reopen then move the chunk's task as well. Source: delivery §2, §3. */
#ifndef RIVET_STATE_PART_H
#define RIVET_STATE_PART_H

#include "state/history.h"
#include "util/arena.h"
#include "util/error.h"

typedef struct State State;

/* Where a unit is asked for: every unit of the run at once (quality with chunk_checkpoint). */
enum { STATE_ALL_UNITS = -1 };

typedef struct PartRow {
    const char *run_id;
    int64_t unit; /* from 0 */
    int64_t part_index;
    const char *key;
    const char *nonce;
    const char *upload_ref; /* may be a credential: never print; gone once visible */
    const char *status;     /* "open", "sealed", "intent", "visible" */
    uint64_t rows;
    uint64_t bytes;
    uint64_t xxh3;
    const char *store_check;
    const void *tail;
    size_t tail_bytes;
    bool was_sealed; /* out only: bytes and xxh3 are known, the object may exist under its key */
} PartRow;

/* Transaction 0: the row exists before anything is created at the destination. */
MUST_USE bool state_part_open(State *state, const PartRow *part, Error *err);
/* run_id, unit, part_index name the part, here and below. */
MUST_USE bool state_part_set_reference(State *state, const PartRow *part, Error *err);
/* open → sealed {key, rows, bytes, xxh3, store_check, upload_ref, tail}. key, upload_ref NULL: as
 * they were. The key changes when the part of a unit stayed alone and loses its number. */
MUST_USE bool state_part_seal(State *state, const PartRow *part, Error *err);
/* Back to nothing: the caller has undone the part at the destination. Visible parts stay. */
MUST_USE bool state_part_delete(State *state, const char *run_id, int64_t unit, int64_t part_index,
                                Error *err);
/* Parts of the run in this status (NULL: any), by unit and index. */
MUST_USE bool state_part_list_status(State *state, const char *run_id, const char *status,
                                     Arena *arena, PartRow **rows, size_t *count, Error *err);
MUST_USE bool state_part_list(State *state, const char *run_id, Arena *arena, PartRow **rows,
                              size_t *count, Error *err);

/* A: all parts of the unit sealed → intent, with what recovery needs to roll forward alone: the
 * run's cursor-after and, with the last unit, the manifest's bytes (NULL: leave either). Fails when
 * a part is still open, or when the run no longer names this owner. */
MUST_USE bool state_unit_intend(State *state, const char *run_id, int64_t unit, const char *owner,
                                const char *cursor_after, const char *manifest_json, Error *err);

typedef struct UnitRecord {
    const char *run_id;
    const char *export_name;
    const char *owner; /* must be the run's, as in A */
    int64_t unit;
    const char *format;      /* NULL, here and below: as the run row says */
    const char *compression; /* "none" for plain CSV */
    const CursorRow *cursor; /* incremental: advanced in the same transaction; else NULL */
    bool is_last_unit;
    const char *manifest_json; /* with the last unit: manifest due; NULL: none */
} UnitRecord;

/* B: parts intent → visible, file_manifest rows, the chunk's task completed, cursor, and with the
 * last unit run and chunk plan done. Fails when a part of the unit is neither intent nor visible,
 * or when the last unit would leave other parts or chunks behind. A unit without parts is fine:
 * an empty chunk, an empty run. */
MUST_USE bool state_unit_record(State *state, const UnitRecord *record, Error *err);
/* C */
MUST_USE bool state_manifest_published(State *state, const char *run_id, Error *err);

/* Recovery, delivery §3.2: a part of the unit cannot be finished, so none is rolled forward: all
 * back to open (what seal recorded stays, to tell ours from foreign), task pending, no
 * cursor-after. */
MUST_USE bool state_unit_reopen(State *state, const char *run_id, int64_t unit, const char *owner,
                                Error *err);

#endif
