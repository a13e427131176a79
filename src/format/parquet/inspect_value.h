/* inspect_value.h: names of the format's numbers, and values as text; inside inspect*.c only. */
#ifndef RIVET_FORMAT_PARQUET_INSPECT_VALUE_H
#define RIVET_FORMAT_PARQUET_INSPECT_VALUE_H

#include "format/parquet/footer_read.h"
#include "util/buffer.h"

const char *physical_type_name(int32_t type); /* "INT64"; "UNKNOWN" for others, likewise below */
const char *repetition_name(Repetition repetition);
const char *encoding_name(int32_t encoding);
const char *boundary_order_name(int32_t order);

/* "DECIMAL(12,2)", "TIMESTAMP(MICROS,UTC)", "STRING"; "" for none. */
void logical_type_text(const SchemaElement *element, Buffer *out);
/* "PLAIN,RLE" of a set of bits. */
void encodings_text(uint32_t encodings, Buffer *out);
/* A bound as its logical type shows it: 2024-02-29, -1.50, text as it is, bytes as 0x…; what is
 * not a value of the type as 0x… too. At most 64 bytes of text or 32 others are shown, then "…". */
void bound_text(const SchemaElement *element, BytesView bound, Buffer *out);
bool bytes_are_utf8(BytesView bytes);
/* Text that may go to a terminal: control characters and what is not UTF-8 become \xNN. */
void printable_text(BytesView text, Buffer *out);

/* Size of a bloom filter with its header; 0 when there is none or the file does not tell. */
int64_t bloom_filter_bytes(const ParquetFile *file, const ColumnMetaData *meta);

#endif
