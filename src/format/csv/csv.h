/* csv.h: the CSV format, written and read.
 *
 * Rules    RFC 4180, UTF-8 without BOM, LF after every record, the last one too. NULL is an empty
 *          cell, the empty text "" in quotes; with `null` set, or in a file of one column (\N),
 *          NULL is that text, and a value that looks like it is quoted. A cell is quoted when it
 *          holds the delimiter, a quote, CR or LF, or with quote: all. Header cells likewise.
 * Bytes    depend on rows and settings alone. A compressor gets its input in pieces of one size,
 *          whatever the batches were.
 * Split    after every split_step_rows rows of a part its size is compared with the limit: all
 *          bytes of a plain file; of a compressed one those that left the compressor, which holds
 *          back up to a piece, so parts of compressed files run over by about that much.
 * The way  writer.c walks the rows, cell.c renders a cell into output.c's buffer, which compresses
 *          and hands on; verify.c counts the records that decoder.c unpacks.
 * Source   spec: types §4, behaviour §13 and §16 */
#ifndef RIVET_FORMAT_CSV_CSV_H
#define RIVET_FORMAT_CSV_CSV_H

#include "format/format.h"

extern const FormatDriver CSV_DRIVER;

/* Counts records, header aside, and cells, with quote awareness; a file that ends inside a record
 * or a quoted cell, or whose compressed form is damaged, is ERR_CHECK. */
MUST_USE bool csv_verify(const Readable *file, const VerifyExpectation *want, Error *err);

/* The text that stands for NULL in a file of so many columns. */
const char *csv_null_text(const CsvConfig *config, size_t column_count);

#endif
