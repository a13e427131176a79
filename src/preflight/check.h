/* check.h: what a run of these exports would do to the database, without running them.
 *
 * Asks     for the description of each query, its plan, the ends of its key, and once for the state
 *          of the server, over one connection, no statement longer than CHECK_STATEMENT_S.
 * Refuses  what a run refuses: the reason is the export's own error, and the others go on.
 * Fails    when the source itself cannot be reached or turns away: ERR_UNAVAILABLE, ERR_DENIED.
 * Source   spec: cli §6 */
#ifndef RIVET_PREFLIGHT_CHECK_H
#define RIVET_PREFLIGHT_CHECK_H

#include "preflight/advice.h"
#include "preflight/chunk_key.h"
#include "source/source.h"
#include "util/buffer.h"

enum { CHECK_STATEMENT_S = 30, CHECK_NOTES_MAX = 8 };

typedef struct ExportCheck {
    const ExportConfig *export;
    Error error;    /* ERR_NONE: a run would take it */
    ReadPlan *plan; /* NULL: the query could not be described; likewise the facts below */
    QueryFacts facts;
    ChunkKey key;                      /* chunked */
    const char *range_min, *range_max; /* both or neither */
    uint64_t window_count;             /* of a chunked export with a known span; 0: not known */
    uint64_t statement_count;          /* to read all rows; 0: not known */
    double statement_s;                /* the longest of them, roughly */
    Advice advice;
    const char *notes[CHECK_NOTES_MAX]; /* sentences */
    size_t note_count;
} ExportCheck;

typedef struct Check {
    char source_identity[sizeof(((Source *)0)->identity)];
    char server_version[sizeof(((Source *)0)->server_version)];
    ServerFacts server;
    ExportCheck *exports; /* count of them, in the order given */
    size_t count;
    Arena arena;
} Check;

/* One export whose query is described. */
typedef struct CheckForesight {
    const ExportConfig *export;
    const char *query;
    Source *source;
    const ReadPlan *plan;
    Arena *arena;
    const char *note; /* out: what is worth knowing, in arena; NULL: nothing */
} CheckForesight;

/* Would a run be refused for what earlier runs left? False: err says why. */
typedef bool (*CheckForesee)(void *history, CheckForesight *ask, Error *err);

typedef struct CheckRequest {
    const Config *config;
    const ConfigOptions *options;
    const ExportConfig *exports;
    size_t count;
    CheckForesee foresee; /* NULL: there were no earlier runs */
    void *history;        /* its first argument */
} CheckRequest;

/* *check is to be released in both cases. */
MUST_USE bool check_exports(const CheckRequest *request, Check *check, Error *err);
void check_release(Check *check);

/* The column whose range is shown: what chunks go along, else chunk_column, else cursor_column;
 * NULL: none. */
const char *check_range_column(const ExportCheck *check);

/* "chunked-parallel(id, size=1000, p=4)" and "chunked (column: id, size: 1000)". */
void check_strategy_text(const ExportConfig *export, Buffer *out);
void check_mode_text(const ExportConfig *export, Buffer *out);

#endif
