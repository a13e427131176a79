/* source.h: a database that answers a query with batches of typed rows.
 *
 * Life     source_connect → (source_describe → source_begin → source_read … → source_end)* →
 *          source_close. One connection, one reader; a worker keeps its Source for the whole run.
 * Promise  every value arrives exactly or the read fails naming the column (spec: types). The
 *          end of the data is believed only after the server's own end-of-result marker.
 *          Nothing stays behind on the server: source_close ends statement and transaction on
 *          every path.
 * Threads  one at a time, except source_cancel, which any thread may call at any moment between
 *          connect and close to free a blocked call; that call then fails with ERR_INTERRUPTED.
 * Errors   ERR_UNAVAILABLE (connection), ERR_DENIED, ERR_QUERY (the server refuses the query),
 *          ERR_VALUE (column and override named), ERR_TIMEOUT, ERR_CONFLICT, ERR_BUDGET; server
 *          messages are redacted. Classified by SQLSTATE/errno first (spec: behaviour §19).
 * A driver is one row in registry.c and one folder; a new one edits no other. */
#ifndef RIVET_SOURCE_SOURCE_H
#define RIVET_SOURCE_SOURCE_H

#include "batch/batch.h"
#include "config/config.h"

typedef struct Source Source;

typedef struct SourceOptions {
    const SourceAddress *address; /* must outlive the Source */
    const Tuning *tuning;         /* of the export it will serve; must outlive the Source */
    size_t max_cell_bytes; /* a larger cell is ERR_BUDGET, raised before we allocate for it */
    bool reads_committed;  /* a read in several statements needs no snapshot around them */
} SourceOptions;

/* Values that a policy touched (spec: types, rule 1), per policy, over the life of a read. */
typedef struct PolicyCounts {
    uint64_t infinity;
    uint64_t decimal_special;
    uint64_t zero_dates;
    uint64_t invalid_utf8;
} PolicyCounts;

/* A query as described by the server, with the decoder of each column chosen. Owned by the
 * caller: source_plan_free. Reusable for any number of reads, also on another Source of the same
 * database. */
typedef struct ReadPlan {
    const Schema *schema;
    size_t row_estimate_bytes;   /* spec: behaviour §5 */
    const char *const *warnings; /* unmapped types and the like: sentences */
    size_t warning_count;
    Arena arena; /* everything above; drivers keep their own part in it too */
    const void *driver_plan;
} ReadPlan;

typedef enum BoundKind { BOUND_NONE, BOUND_INCLUSIVE, BOUND_EXCLUSIVE } BoundKind;

/* Which rows of the query to read, by key columns of the result; column_count 0: all of them.
 * Bounds are texts in the column's canonical form (render.h), compared column by column in
 * lexicographic order. This one shape serves range and walk chunks, the NULL chunk, incremental
 * windows and time windows. */
typedef struct ReadRange {
    const char *const *columns; /* as written by the user */
    size_t column_count;
    BoundKind lower_kind;
    const char *const *lower; /* column_count texts */
    size_t lower_count;       /* 0: all; else the bound covers the leading columns only */
    BoundKind upper_kind;
    const char *const *upper;
    size_t upper_count; /* likewise */
    /* Rows with a NULL among the key columns lie outside all bounds. */
    bool is_null;       /* instead of bounds: just those rows */
    bool includes_null; /* those rows besides the bounded ones */
    bool is_ordered;    /* ORDER BY the columns */
    /* Instead of bounds, rows by their number in the order of the columns, from 1: first_row to
     * last_row, 0 for the end. first_row 0: not so. */
    uint64_t first_row;
    uint64_t last_row;
    /* Instead of columns and bounds, pages of the query's only table: first_page to before
     * end_page, 0 for the end. Of page_facts' can_read_pages only. */
    bool is_pages;
    uint64_t first_page;
    uint64_t end_page;
} ReadRange;

/* Asks for one key of the result: the columns of `within`, which also limits the rows looked at.
 * Rows with a NULL among the key columns are passed over. */
typedef struct KeyQuery {
    const ReadRange *within;
    bool from_top;   /* highest first */
    uint64_t offset; /* keys to pass over */
} KeyQuery;

/* What the planner says about reading a query. */
typedef struct QueryFacts {
    OptionalInt row_estimate;
    const char *scan_text; /* how the rows are found, in the server's words; NULL: not told */
    bool uses_index;
    bool is_materialised; /* the server builds the query's whole result before it gives a row */
    bool is_paged;        /* the range can be read in short statements, along a key */
} QueryFacts;

/* Whether a query can be read by pages of the one table it is over. */
typedef struct PageFacts {
    bool can_read_pages;
    uint64_t page_count;
    uint64_t row_estimate;
} PageFacts;

/* What preflight tells about the server; a fact that is not known is not set. */
typedef struct ServerFacts {
    OptionalInt connections_free; /* for this user, without those reserved for administrators */
    OptionalInt connections_max;
    OptionalInt statement_timeout_ms; /* of a new session; 0: none */
    OptionalInt idle_timeout_ms;      /* idle in a transaction; 0: none */
    bool is_standby;
    OptionalInt standby_lag_ms;      /* behind its primary */
    OptionalInt standby_patience_ms; /* how long replay waits for a query; -1: for ever */
    bool is_pooled;                  /* a pooler stands between */
    const char *tls;                 /* protocol and cipher; NULL: not encrypted */
} ServerFacts;

/* A table as the catalogue has it. */
typedef struct TableColumn {
    const char *name;
    const char *source_type;
    bool is_integer, is_moment; /* a date or timestamp */
    bool is_not_null;
    bool is_key;     /* alone the primary key */
    bool is_indexed; /* first column of a usable index */
} TableColumn;

typedef struct TableFacts {
    const char *schema; /* NULL where the database has none below it */
    const char *name;
    OptionalInt row_estimate;
    OptionalInt size_bytes;
    const TableColumn *columns; /* in the table's order */
    size_t column_count;
    const char *query; /* reads the whole table; names quoted where they must be */
} TableFacts;

typedef struct SourceDriver {
    SourceKind kind;
    /* Connects and prepares the session. Nothing is left open after a failure. */
    bool (*connect)(const SourceOptions *options, Source **out, Error *err);
    /* Describes without running. ERR_CONFIG for overrides of unknown columns and for
     * representations that can never hold the column's type; ERR_QUERY for what the server refuses,
     * and for duplicate or unnamed columns. */
    bool (*describe)(Source *source, const char *query, const TypeRules *rules, ReadPlan **out,
                     Error *err);
    /* Opens the read-only transaction with its limits and starts the statement. */
    bool (*begin)(Source *source, const ReadPlan *plan, const ReadRange *range, Error *err);
    /* Appends rows to the reset batch until it is full or the data ends. *has_more is false once
     * the end marker was seen; the last batch may then hold rows or none. */
    bool (*read)(Source *source, Batch *batch, bool *has_more, Error *err);
    /* After has_more was false: closes statement and transaction. */
    bool (*end)(Source *source, Error *err);
    void (*cancel)(Source *source);
    void (*close)(Source *source);

    /* ---- questions about keys, for windows and chunk plans. They use an index where there is
     * one; none of them counts or scans unless its name says so. ---- */

    /* Index of the result column that a name in the configuration means, folded as the server
     * folds it. ERR_CONFIG when the result has none. */
    bool (*find_column)(const Schema *schema, const char *written, size_t *index, Error *err);
    /* Opens the read-only transaction, one snapshot, which the questions and the next begin share;
     * end or close ends it. Without it each question stands alone. */
    bool (*open_snapshot)(Source *source, Error *err);
    /* *key: one text per column in canonical form, from which the server reads back the very same
     * value; *found false when there is no such row. */
    bool (*find_key)(Source *source, const ReadPlan *plan, const KeyQuery *query, Arena *arena,
                     const char *const **key, bool *found, Error *err);
    /* Is there a row whose key has a NULL? An existence probe. */
    bool (*has_null_key)(Source *source, const ReadPlan *plan, const char *const *columns,
                         size_t column_count, bool *found, Error *err);
    /* A count that fails leaves the snapshot as it was, and so does a failed explain. */
    bool (*count_rows)(Source *source, const ReadPlan *plan, const ReadRange *range,
                       uint64_t *count, Error *err);
    /* The planner's estimate of the query's rows; may be off by orders of magnitude. */
    bool (*estimate_rows)(Source *source, const ReadPlan *plan, uint64_t *count, Error *err);
    /* The server's clock, microseconds since 1970 UTC. */
    bool (*read_clock)(Source *source, int64_t *now_us, Error *err);

    /* ---- facts for preflight. Each may be NULL; then its facts are unknown. ---- */

    /* The plan of reading the range, without running it; range NULL: the query as it is. Texts in
     * arena. */
    bool (*explain)(Source *source, const ReadPlan *plan, const ReadRange *range, Arena *arena,
                    QueryFacts *facts, Error *err);
    bool (*inspect)(Source *source, Arena *arena, ServerFacts *facts, Error *err);
    /* The tables this user may read, system schemas and partitions left out, by schema and name.
     * From the catalogue alone. */
    bool (*list_tables)(Source *source, Arena *arena, const TableFacts **tables, size_t *count,
                        Error *err);

    /* ---- for chunk plans and for reads of several connections in one snapshot. Each may be NULL:
     * then the source cannot do it. ---- */

    /* The result column that is the primary key, of one column, of the only table the result's
     * columns come from; *column NULL: there is none. Text in arena, as find_column takes it. */
    bool (*default_key)(Source *source, const ReadPlan *plan, Arena *arena, const char **column,
                        Error *err);
    bool (*page_facts)(Source *source, const ReadPlan *plan, PageFacts *facts, Error *err);
    /* From here to close every question and every read sees one snapshot: the one of this id, held
     * by another connection that is still open, or, id NULL, a new one. Lost with the connection,
     * and with the first failed statement. */
    bool (*hold_snapshot)(Source *source, const char *id, Error *err);
    /* The id of the held snapshot, for hold_snapshot of other connections. */
    bool (*export_snapshot)(Source *source, Arena *arena, const char **id, Error *err);
    /* hold_snapshot without an id, for several connections to one database: all see the same
     * moment. Where snapshots cannot be handed on. Writers of what the plan reads wait meanwhile.
     * ERR_DENIED names the privilege. */
    bool (*hold_common_snapshot)(Source *const *sources, size_t count, const ReadPlan *plan,
                                 Error *err);
} SourceDriver;

/* First member of every driver's own struct. */
struct Source {
    const SourceDriver *driver;
    const SourceOptions options;
    PolicyCounts policy_counts; /* since begin */
    char identity[512];         /* "postgres://host:port/database"; no user, no secret */
    char server_version[128];   /* "PostgreSQL 15.18" */
};

MUST_USE bool source_connect(const SourceOptions *options, Source **out, Error *err);
void source_plan_free(ReadPlan *plan); /* NULL is fine */

static inline MUST_USE bool
source_describe(Source *source, const char *query, const TypeRules *rules, ReadPlan **out,
                Error *err)
{
    return source->driver->describe(source, query, rules, out, err);
}

static inline MUST_USE bool
source_begin(Source *source, const ReadPlan *plan, const ReadRange *range, Error *err)
{
    source->policy_counts = (PolicyCounts){0};
    return source->driver->begin(source, plan, range, err);
}

static inline MUST_USE bool
source_read(Source *source, Batch *batch, bool *has_more, Error *err)
{
    return source->driver->read(source, batch, has_more, err);
}

static inline MUST_USE bool
source_end(Source *source, Error *err)
{
    return source->driver->end(source, err);
}

static inline MUST_USE bool
source_find_column(const Source *source, const Schema *schema, const char *written, size_t *index,
                   Error *err)
{
    return source->driver->find_column(schema, written, index, err);
}

static inline MUST_USE bool
source_open_snapshot(Source *source, Error *err)
{
    return source->driver->open_snapshot(source, err);
}

static inline MUST_USE bool
source_find_key(Source *source, const ReadPlan *plan, const KeyQuery *query, Arena *arena,
                const char *const **key, bool *found, Error *err)
{
    return source->driver->find_key(source, plan, query, arena, key, found, err);
}

static inline MUST_USE bool
source_has_null_key(Source *source, const ReadPlan *plan, const char *const *columns,
                    size_t column_count, bool *found, Error *err)
{
    return source->driver->has_null_key(source, plan, columns, column_count, found, err);
}

static inline MUST_USE bool
source_count_rows(Source *source, const ReadPlan *plan, const ReadRange *range, uint64_t *count,
                  Error *err)
{
    return source->driver->count_rows(source, plan, range, count, err);
}

static inline MUST_USE bool
source_estimate_rows(Source *source, const ReadPlan *plan, uint64_t *count, Error *err)
{
    return source->driver->estimate_rows(source, plan, count, err);
}

static inline MUST_USE bool
source_read_clock(Source *source, int64_t *now_us, Error *err)
{
    return source->driver->read_clock(source, now_us, err);
}

static inline MUST_USE bool
source_explain(Source *source, const ReadPlan *plan, const ReadRange *range, Arena *arena,
               QueryFacts *facts, Error *err)
{
    *facts = (QueryFacts){0};
    return source->driver->explain == NULL ||
           source->driver->explain(source, plan, range, arena, facts, err);
}

static inline MUST_USE bool
source_inspect(Source *source, Arena *arena, ServerFacts *facts, Error *err)
{
    *facts = (ServerFacts){0};
    return source->driver->inspect == NULL || source->driver->inspect(source, arena, facts, err);
}

static inline MUST_USE bool
source_default_key(Source *source, const ReadPlan *plan, Arena *arena, const char **column,
                   Error *err)
{
    *column = NULL;
    return source->driver->default_key == NULL ||
           source->driver->default_key(source, plan, arena, column, err);
}

static inline MUST_USE bool
source_page_facts(Source *source, const ReadPlan *plan, PageFacts *facts, Error *err)
{
    *facts = (PageFacts){0};
    return source->driver->page_facts == NULL ||
           source->driver->page_facts(source, plan, facts, err);
}

static inline bool
source_can_hold_snapshot(const Source *source)
{
    return source->driver->hold_snapshot != NULL;
}

/* With other connections: export_snapshot, and hold_snapshot with an id. */
static inline bool
source_can_share_snapshot(const Source *source)
{
    return source->driver->export_snapshot != NULL;
}

/* With other connections, but only all at once: hold_common_snapshot. */
static inline bool
source_can_hold_common_snapshot(const Source *source)
{
    return source->driver->hold_common_snapshot != NULL;
}

static inline MUST_USE bool
source_hold_common_snapshot(Source *const *sources, size_t count, const ReadPlan *plan, Error *err)
{
    return sources[0]->driver->hold_common_snapshot(sources, count, plan, err);
}

static inline MUST_USE bool
source_hold_snapshot(Source *source, const char *id, Error *err)
{
    return source->driver->hold_snapshot(source, id, err);
}

static inline MUST_USE bool
source_export_snapshot(Source *source, Arena *arena, const char **id, Error *err)
{
    return source->driver->export_snapshot(source, arena, id, err);
}

static inline MUST_USE bool
source_list_tables(Source *source, Arena *arena, const TableFacts **tables, size_t *count,
                   Error *err)
{
    if (source->driver->list_tables == NULL)
        return error_set(err, ERR_UNSUPPORTED, "this kind of source cannot list its tables yet");
    return source->driver->list_tables(source, arena, tables, count, err);
}

static inline void
source_cancel(Source *source)
{
    source->driver->cancel(source);
}

static inline void
source_close(Source *source)
{
    if (source != NULL)
        source->driver->close(source);
}

#endif
