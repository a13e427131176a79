/* verify.h: re-reads a finished Parquet file and finds what a reader could stumble over.
 *
 * Checks   rows against the expectation; column names; footer against row groups, row groups
 *          against column chunks, column chunks against their pages: places, sizes, counts,
 *          encodings; every page's header, CRC, levels and values; page index against pages;
 *          every value, null and NaN against the bounds and counts of chunk and page.
 * Memory   footer, page index of one column chunk, two pages and a dictionary.
 * Errors   ERR_CHECK "validation failed: expected <n> rows, got <m>" or "validation failed:
 *          <what is wrong>", with row group, column, page and offset in the context; the file's
 *          own; ERR_BUDGET.
 * Source   spec: behaviour §16, delivery §2, parquet §5.3 */
#ifndef RIVET_FORMAT_PARQUET_VERIFY_H
#define RIVET_FORMAT_PARQUET_VERIFY_H

#include "format/format.h"
#include "format/parquet/footer_read.h"

/* want->schema may be NULL: then columns may have any names. */
MUST_USE bool parquet_verify(const Readable *from, const VerifyExpectation *want, Error *err);

/* The same of a file that is open already, under its limits. */
MUST_USE bool parquet_verify_file(const ParquetFile *file, const VerifyExpectation *want,
                                  Error *err);

#endif
