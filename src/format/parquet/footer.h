/* footer.h: what a file's metadata says of its row groups, gathered while they are written.
 *
 * Shape   each finished row group is serialised at once into three growing buffers (metadata,
 *         column indexes, offset indexes); only the places of the indexes are filled in at the end,
 *         because they are known last.
 * Source  spec: parquet §1.1, §1.3, §1.8, §1.11, §3.2 */
#ifndef RIVET_FORMAT_PARQUET_FOOTER_H
#define RIVET_FORMAT_PARQUET_FOOTER_H

#include "format/parquet/column_writer.h"
#include "format/parquet/file_output.h"

/* Where the pages of a chunk came to lie. */
typedef struct ChunkPlace {
    int64_t dictionary_page_offset; /* -1: none */
    int64_t data_page_offset;
    int64_t compressed_bytes; /* headers and dictionary page included */
    int64_t uncompressed_bytes;
    int64_t bloom_offset; /* -1: none */
    int32_t bloom_bytes;
} ChunkPlace;

typedef struct Footer {
    const LeafLayout *layouts;
    size_t column_count;
    bool is_spark_compatible;
    int64_t row_count;
    size_t row_group_count;
    Buffer metadata; /* pieces of RowGroup structs, see footer.c */
    Buffer pieces;   /* FooterPiece[] */
    Buffer column_indexes;
    Buffer offset_indexes;
} Footer;

/* A place to go back to. */
typedef struct FooterMark {
    size_t metadata, pieces, column_indexes, offset_indexes;
    size_t row_group_count;
    int64_t row_count;
} FooterMark;

enum { ROW_GROUPS_MAX = 32767 }; /* the ordinal is an i16 */

void footer_init(Footer *footer, const LeafLayout *layouts, size_t column_count,
                 bool is_spark_compatible);
void footer_release(Footer *footer);

/* columns[i] lies at places[i]; page offsets follow from the order of the pages. */
void footer_add_row_group(Footer *footer, const ColumnWriter *columns, const ChunkPlace *places,
                          int64_t row_count);

/* Forgets the row groups added since the mark. */
FooterMark footer_mark(const Footer *footer);
void footer_rewind(Footer *footer, const FooterMark *mark);

/* Bytes that footer_write would write when the file is file_bytes long. */
uint64_t footer_size_bytes(const Footer *footer, uint64_t file_bytes);

/* Indexes, metadata, length and magic, behind what the file has. */
MUST_USE bool footer_write(const Footer *footer, FileOutput *output, Error *err);

#endif
