/* cell.h: one cell into the output, quoted where it must be. */
#ifndef RIVET_FORMAT_CSV_CELL_H
#define RIVET_FORMAT_CSV_CELL_H

#include "batch/column.h"
#include "format/csv/output.h"
#include "util/buffer.h"

typedef struct CellStyle {
    uint8_t delimiter;
    bool quotes_all;
    const char *null_text;
    size_t null_length;
    /* Numbers, dates and the like never need quotes under this delimiter and NULL text. */
    bool is_fixed_plain;
} CellStyle;

/* A column of a batch, walked value by value. */
typedef struct CellWalk {
    const Column *column;
    size_t value;   /* index of the next value */
    size_t element; /* LIST: the same for the element column */
} CellWalk;

CellStyle cell_style(const CsvConfig *config, size_t column_count);

/* Bytes that cells of this type take at most, quotes and a delimiter included; for texts, binaries
 * and lists only the delimiter: they reserve their own. */
size_t cell_fixed_bytes(const Type *type);

/* The next value of the walk. The caller has reserved cell_fixed_bytes for it and all columns of
 * the row behind it, `reserved` in sum; as much is reserved again afterwards. */
MUST_USE bool cell_put(const CellStyle *style, CellWalk *walk, Buffer *scratch, size_t reserved,
                       CsvOutput *output, Error *err);

/* Any text as a cell; NULL texts of length 0 are fine. At least COLUMN_SLACK_BYTES bytes after the
 * text must be readable. is_value: a text that looks like NULL is quoted. */
MUST_USE bool cell_put_text(const CellStyle *style, const uint8_t *text, size_t length,
                            bool is_value, CsvOutput *output, Error *err);

#endif
