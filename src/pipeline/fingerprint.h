/* fingerprint.h: what a run is bound to, as hashes.
 *
 * Source  spec: behaviour §9 (plan hash, byte for byte), delivery §4 (output hash: length-prefixed
 *         fields, so that no two settings run into each other). 16 lower-case hex digits, XXH3-64
 *         with seed 0. */
#ifndef RIVET_PIPELINE_FINGERPRINT_H
#define RIVET_PIPELINE_FINGERPRINT_H

#include "config/config.h"

enum { FINGERPRINT_BYTES = 17 };

/* Of the query text alone. */
void fingerprint_query(const char *query, char text[FINGERPRINT_BYTES]);

/* kind: "range", "dense_rn" or "rows"; columns of the chunk key, none is fine. */
void fingerprint_plan(const char *query, TextList chunk_columns, int64_t chunk_size,
                      const char *kind, char text[FINGERPRINT_BYTES]);

/* Of everything that decides what the files hold and where they go. */
void fingerprint_output(const ExportConfig *export, const char *source_identity,
                        const char *destination_identity, char text[FINGERPRINT_BYTES]);

/* What a chunked run is bound to, field by field. */
typedef struct FingerprintFacts {
    const ExportConfig *export;
    const char *query;
    const char *kind; /* as in fingerprint_plan */
    const char *source_identity;
    const char *destination_identity;
} FingerprintFacts;

/* The output's fingerprint, then "query=<8 hex> chunk_column=<8 hex> …", so that a run that is
 * resumed can tell which field differs. Text in arena. */
const char *fingerprint_fields(const FingerprintFacts *facts, Arena *arena);
/* The name of the first field that differs between two such texts, in arena; NULL: none does. */
const char *fingerprint_difference(const char *stored, const char *now, Arena *arena);

#endif
