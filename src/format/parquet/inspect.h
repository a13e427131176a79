/* inspect.h: what a Parquet file says of itself, for people and for programs.
 *
 * Shows    size, rows, writer, key-value metadata; the schema as a tree; per row group and column:
 *          type, codec, encodings, pages, sizes, counts, bounds, page index, bloom filter. As JSON
 *          also every page of the page index.
 * Reads    footer and page indexes, no page.
 * Errors   ERR_FORMAT, ERR_UNSUPPORTED (encrypted footer), ERR_BUDGET, ERR_IO (out), the file's.
 *          Text may be partly written before an error; JSON is written whole or not at all.
 * Source   spec: parquet §1.3, §1.7, §1.8 */
#ifndef RIVET_FORMAT_PARQUET_INSPECT_H
#define RIVET_FORMAT_PARQUET_INSPECT_H

#include "util/readable.h"

/* name is shown as the file's. One JSON object, indented, with a line end. */
MUST_USE bool parquet_inspect(const Readable *from, const char *name, bool as_json, FILE *out,
                              Error *err);

#endif
