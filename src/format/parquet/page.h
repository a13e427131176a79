/* page.h: a finished page and what the file's metadata says about it.
 *
 * Source  spec: parquet §1.3, §1.4, §1.8 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_H
#define RIVET_FORMAT_PARQUET_PAGE_H

#include "format/parquet/bounds.h"
#include "format/parquet/format_types.h"
#include "util/buffer.h"

enum { PAGE_HEADER_MAX_BYTES = 64 };

typedef struct Page {
    struct Page *next;
    PageHeader header; /* sizes and CRC once it is compressed */
    int64_t first_row; /* within the row group */
    int64_t row_count;
    int64_t null_count;
    size_t plain_bytes;      /* its values in PLAIN */
    int64_t unencoded_bytes; /* BYTE_ARRAY: its values without lengths */
    EncodedBounds bounds;    /* is_set false: no value, or no bound to give */
    int64_t nan_count;
    /* Once it is compressed: header and body as they go into the file. */
    const uint8_t *stored;
    size_t stored_bytes;
    size_t uncompressed_bytes; /* header included */
} Page;

/* Serialises the header of a V1 data page or of a dictionary page. */
void page_header_write(const PageHeader *header, Buffer *out);

#endif
