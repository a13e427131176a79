/* column_page.h: the end of a column's open page, and the judgement of its dictionary attempt.
 *
 * Part of column_writer, which appends; nothing else calls these.
 * Rule    spec: parquet §1.5: try; give up early when nearly every value is new; judge once; end
 *         with ids when the dictionary is full. */
#ifndef RIVET_FORMAT_PARQUET_COLUMN_PAGE_H
#define RIVET_FORMAT_PARQUET_COLUMN_PAGE_H

#include "format/parquet/column_writer.h"

void column_page_start(ColumnWriter *writer);

/* Room in the open page for extra_bytes of PLAIN values and the slack behind them. */
uint8_t *column_page_reserve(ColumnWriter *writer, size_t extra_bytes);

/* Ends the open page, if it has rows: it is submitted, or waits for the judgement. */
MUST_USE bool column_page_cut(ColumnWriter *writer, Error *err);

bool column_dictionary_is_wanted(const ColumnWriter *writer);
/* Accepts or refuses the attempt by what was seen so far. */
MUST_USE bool column_dictionary_judge(ColumnWriter *writer, Error *err);
/* Turns ids back into values, in the pending pages and in the open one. */
MUST_USE bool column_dictionary_refuse(ColumnWriter *writer, Error *err);
/* The next value found no room: what is there is judged, what follows are values. */
MUST_USE bool column_dictionary_end(ColumnWriter *writer, Error *err);
/* Makes a page of the dictionary, in the given store, and submits it. */
MUST_USE bool column_dictionary_submit(ColumnWriter *writer, Page *page, PageStore *store,
                                       Error *err);

static inline bool
column_collects_ids(const ColumnWriter *writer)
{
    return writer->dictionary_state == DICTIONARY_TRYING ||
           writer->dictionary_state == DICTIONARY_ON;
}

#endif
