/* footer_parse.h: the parts of the footer's parser; inside footer_*.c and page_index_read.c only.
 */
#ifndef RIVET_FORMAT_PARQUET_FOOTER_PARSE_H
#define RIVET_FORMAT_PARQUET_FOOTER_PARSE_H

#include "format/parquet/footer_read.h"
#include "format/parquet/thrift_read.h"

typedef struct FooterParser {
    ThriftReader reader;
    Arena *arena;
    size_t memory_left; /* what the parsed form may still take */
    bool is_over_memory;
} FooterParser;

/* Zeroed room for count things, or NULL with the reader failed. */
void *footer_take(FooterParser *parser, size_t count, size_t size_bytes);

void footer_parse_schema_list(FooterParser *parser, ThriftField field, ParquetFile *file);
/* Finds leaves and parents. False: the elements do not form a tree of known types. */
bool footer_build_leaves(FooterParser *parser, ParquetFile *file, Error *err);
void footer_parse_column(FooterParser *parser, FooterColumn *column);

#endif
