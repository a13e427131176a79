/* writer.h: what rivet-seed needs from a database. One driver per database, a row in main.c.
 *
 * Order of calls: open, prepare, then per table begin, write_row…, flush…, finish; close at any
 * time, also after a failure, and then an unfinished table stays as it was. */
#ifndef SEED_WRITER_H
#define SEED_WRITER_H

#include "failure.h"
#include "table.h"

typedef struct Writer Writer;

typedef struct SparseSummary {
    int64_t count, min_id, max_id; /* both 0 when the table is empty */
} SparseSummary;

typedef struct WriterDriver {
    const char *name; /* as --target spells it */
    bool (*open)(const char *url, Writer **out, Failure *failure);
    /* Make sure that orders_sparse and its view exist. */
    bool (*ensure_sparse)(Writer *writer, Failure *failure);
    /* Empty all tables, or orders_sparse alone, and start their counters again. */
    bool (*empty_all)(Writer *writer, Failure *failure);
    bool (*empty_sparse)(Writer *writer, Failure *failure);
    /* Fill one table, already emptied; visible to others only after finish. */
    bool (*begin)(Writer *writer, const Table *table, Failure *failure);
    bool (*write_row)(Writer *writer, const Row *row, Failure *failure);
    /* A batch is complete: hand it to the server. */
    bool (*flush)(Writer *writer, Failure *failure);
    /* last_id: where the table's counter must go on; 0 for an empty table. */
    bool (*finish)(Writer *writer, int64_t last_id, Failure *failure);
    bool (*sparse_summary)(Writer *writer, SparseSummary *out, Failure *failure);
    void (*close)(Writer *writer); /* accepts NULL */
} WriterDriver;

extern const WriterDriver POSTGRES_WRITER;
extern const WriterDriver MYSQL_WRITER;

#endif
