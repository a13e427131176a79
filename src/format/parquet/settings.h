/* settings.h: the limits and choices of one file, all taken from its options and schema, so that no
 * cut in a file depends on anything else.
 *
 * Source  spec: parquet §0, §1.5, §3.2 */
#ifndef RIVET_FORMAT_PARQUET_SETTINGS_H
#define RIVET_FORMAT_PARQUET_SETTINGS_H

#include "format/format.h"
#include "format/parquet/format_types.h"

enum {
    STEP_ROWS = 1024,        /* limits are tested at multiples of this within a row group */
    PAGE_ROWS_MAX = 20480,   /* 20 steps */
    PAGE_PLAIN_MAX = 4 << 20 /* of a dictionary encoded page, as PLAIN */
};

/* Readers take lengths as int32, and a page holds its value whole. */
#define VALUE_BYTES_MAX ((size_t)1 << 30)

typedef struct WriterSettings {
    CodecId codec;
    int level;
    ParquetEncodingProfile profile;
    bool has_statistics;
    bool has_dictionary;
    size_t page_bytes;
    size_t row_group_raw_bytes;
    size_t row_group_stored_bytes;
    size_t stored_test_bytes; /* raw bytes between two tests of the stored limit */
    size_t queue_bytes;
    size_t dictionary_bytes;        /* of a dictionary page */
    size_t dictionary_memory_bytes; /* page and hash table */
    size_t dictionary_decide_bytes; /* PLAIN bytes after which an attempt is judged */
    TextList bloom_columns;
    size_t bloom_hashes_max; /* per column chunk */
} WriterSettings;

bool settings_has_bloom(const WriterSettings *settings, const char *column);
void settings_init(WriterSettings *settings, const FormatOptions *options);

#endif
