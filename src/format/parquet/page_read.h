/* page_read.h: the pages of one column chunk, one after the other.
 *
 * Shape    page_reader_next steps from header to header; page_reader_load then checks the CRC of
 *          the page at hand and decompresses it. A page that is not loaded is passed over.
 * Memory   one compressed and one decompressed page; what a header claims is believed only as far
 *          as its codec can inflate the bytes that are there.
 * Errors   ERR_FORMAT, ERR_UNSUPPORTED (LZO, BROTLI, the old LZ4; encryption; data in other
 *          files), ERR_BUDGET.
 * Source   spec: parquet §1.3, §1.10 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_READ_H
#define RIVET_FORMAT_PARQUET_PAGE_READ_H

#include "format/parquet/byte_window.h"
#include "format/parquet/codec.h"
#include "format/parquet/footer_read.h"

typedef struct PageReader {
    const ParquetFile *file;
    const ColumnMetaData *meta;
    ByteWindow window;
    Decompressor *decompressor;
    uint8_t *buffer; /* decompressed body */
    size_t buffer_bytes;
    uint64_t next_offset;
    uint64_t end_offset;
    uint64_t uncompressed_total; /* of the pages so far, headers included */
    /* The page at hand */
    PageHeader header;
    uint64_t offset; /* of its header */
    size_t header_bytes;
    const uint8_t *body; /* after page_reader_load: header.uncompressed_size bytes; of V2 pages
                            the levels come first, as in the file. Never NULL. */
} PageReader;

/* is_strict: the pages fill exactly what the footer says. Otherwise they may go on behind it, as
 * in files of old writers that left header bytes out of total_compressed_size; the caller stops
 * when it has all values. */
MUST_USE bool page_reader_open(PageReader *reader, const ParquetFile *file, size_t row_group,
                               size_t leaf, bool is_strict, Error *err);
/* *has_page is false at the end of the chunk. */
MUST_USE bool page_reader_next(PageReader *reader, bool *has_page, Error *err);
MUST_USE bool page_reader_load(PageReader *reader, Error *err);
/* Hands the loaded body to the caller as malloc'd memory. */
MUST_USE bool page_reader_take_body(PageReader *reader, uint8_t **body, Error *err);
void page_reader_release(PageReader *reader); /* zeroed is fine */

#endif
