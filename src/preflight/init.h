/* init.h: a first configuration out of what the catalogue tells about the tables.
 *
 * The text names the variable that holds the URL, never the URL; each export has the reason for its
 * mode as a comment. It runs as it is.
 * Source  issue preflight; spec: extraction §4, §5 */
#ifndef RIVET_PREFLIGHT_INIT_H
#define RIVET_PREFLIGHT_INIT_H

#include "source/source.h"
#include "util/buffer.h"

typedef struct InitChoice {
    ExportMode mode;
    const char *column; /* cursor or chunk column; NULL in full mode */
    int64_t parallel;   /* chunked */
    Profile profile;
    const char *reason;
} InitChoice;

/* Texts in arena. */
InitChoice init_choose(const TableFacts *table, DestinationKind place, Arena *arena);

typedef struct InitRequest {
    SourceKind kind;
    const char *url_env;
    DestinationConfig place; /* of the files: kind, path, bucket and prefix */
    const TableFacts *tables;
    size_t count;
} InitRequest;

void init_write_yaml(const InitRequest *request, Buffer *out);

/* "./out", "s3://bucket/prefix", "gs://bucket/prefix", "stdout"; texts in arena. ERR_USAGE. */
MUST_USE bool init_read_place(const char *text, Arena *arena, DestinationConfig *place, Error *err);

/* A name that an export may have, from schema and table; text in arena. */
const char *init_export_name(const TableFacts *table, Arena *arena);

#endif
