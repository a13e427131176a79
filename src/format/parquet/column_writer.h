/* column_writer.h: one column of the open row group, from rows to finished pages.
 *
 * State   an open page, filled in its raw form: PLAIN values or dictionary ids; finished pages,
 *         compressed or on their way; what the footer will say about the chunk.
 * Order   append rows; at each step of the row group end_step; at its end finish_chunk, drain the
 *         queue, read pages and facts, then reset.
 * Cuts    depend on the rows since the start of the row group and on the settings alone: fixed
 *         width values are tested at steps, bytes and lists row by row, so that no page grows by
 *         a step of large values.
 * Errors  ERR_VALUE for a value no page can hold, naming column and rows; the queue's.
 * Source  spec: parquet §1.4, §1.5, §1.7, §4.3 */
#ifndef RIVET_FORMAT_PARQUET_COLUMN_WRITER_H
#define RIVET_FORMAT_PARQUET_COLUMN_WRITER_H

#include "format/parquet/bloom.h"
#include "format/parquet/chunk_facts.h"
#include "format/parquet/dictionary.h"
#include "format/parquet/encode_plain.h"
#include "format/parquet/layout.h"
#include "format/parquet/levels.h"
#include "format/parquet/page_queue.h"
#include "format/parquet/settings.h"

/* Where a batch's column is read next. Values are dense, so rows and values advance apart. */
typedef struct ColumnCursor {
    const Column *column;
    size_t row;
    size_t value;              /* flat: its value; list: its list */
    size_t element_value;      /* list: the element column's value */
    uint64_t first_row_number; /* of row 0 in the file, from 1, for messages */
} ColumnCursor;

typedef enum DictionaryState {
    DICTIONARY_OFF,    /* pages hold values */
    DICTIONARY_TRYING, /* pages hold ids and wait for the judgement */
    DICTIONARY_ON,     /* pages hold ids */
    DICTIONARY_FULL,   /* earlier pages hold ids, later ones values */
} DictionaryState;

/* What was known of finished pages at the last drain. */
typedef struct DrainedBytes {
    uint64_t chunk_raw, chunk_stored; /* of this chunk */
    uint64_t file_raw, file_stored;   /* of this column in the file, for its ratio */
} DrainedBytes;

/* Outcome of a trial on the first page of a chunk. */
typedef enum Trial { TRIAL_OPEN, TRIAL_LOST, TRIAL_WON } Trial;

typedef struct ColumnWriter {
    const LeafLayout *layout;
    const WriterSettings *settings;
    PageQueue *queue;
    BoundsUpdate update_bounds;
    PlainEncode encode_plain;

    /* The open page */
    Levels levels;
    PageBuffer raw;      /* PLAIN values behind room for the levels of a flat page */
    size_t raw_bytes;    /* of values in it */
    bool has_full_pages; /* the last page filled raw and could stay there: no codec */
    Buffer ids;          /* uint32_t: of the pending pages, then of the open one */
    Buffer seen;         /* BYTES: a bit per dictionary entry that the open page has */
    size_t value_count;
    size_t plain_bytes; /* its values in PLAIN */
    size_t unencoded_bytes;
    Bounds page_bounds;

    /* The chunk */
    PageStore *store; /* of the row group */
    Page *pages;
    Page **last_link;
    Page *dictionary_page; /* NULL: none */
    ChunkFacts facts;
    size_t chunk_values;
    size_t chunk_plain_bytes;
    size_t raw_total_bytes; /* appended so far: PLAIN values and levels */
    DrainedBytes drained;
    Trial trial;

    /* The dictionary */
    DictionaryState dictionary_state;
    Dictionary dictionary;
    Buffer pending;        /* PendingPage[], while the attempt is not judged */
    Buffer pending_levels; /* their encoded levels */
    unsigned chunk_number; /* of the file */
    bool has_refused;
    unsigned refused_chunk;

    BloomHashes bloom; /* of values that are in no dictionary */
} ColumnWriter;

void column_writer_init(ColumnWriter *writer, const LeafLayout *layout,
                        const WriterSettings *settings, PageQueue *queue, PageStore *store);
void column_writer_release(ColumnWriter *writer); /* the queue is gone or drained */

void column_cursor_init(ColumnCursor *cursor, const Column *column, size_t row,
                        uint64_t first_row_number);

MUST_USE bool column_writer_append(ColumnWriter *writer, ColumnCursor *cursor, size_t row_count,
                                   Error *err);
MUST_USE bool column_writer_end_step(ColumnWriter *writer, Error *err);
/* Every row so far is in a page that is submitted; a dictionary attempt is judged. */
MUST_USE bool column_writer_flush(ColumnWriter *writer, Error *err);
MUST_USE bool column_writer_finish_chunk(ColumnWriter *writer, Error *err);

/* Call after a drain, and only then: looks at the submitted pages. */
void column_writer_note_drain(ColumnWriter *writer);

/* What the chunk would take in the file if it ended here, as far as the last drain can tell: what
 * came after it counts at the column's ratio so far, 1 until a page is done. */
uint64_t column_writer_estimate_bytes(const ColumnWriter *writer);

/* Appends the chunk's Bloom filter, if it gets one. */
void column_writer_build_bloom(const ColumnWriter *writer, Buffer *out);

/* Gives up the pages, whose bytes go with the store's reset, and starts the next chunk. */
void column_writer_reset(ColumnWriter *writer);

#endif
