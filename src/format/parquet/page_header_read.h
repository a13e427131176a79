/* page_header_read.h: the struct in front of every page.
 *
 * Errors  ERR_FORMAT. Sizes and counts are checked to be no less than 0, not against the page.
 * Source  spec: parquet §1.3 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_HEADER_READ_H
#define RIVET_FORMAT_PARQUET_PAGE_HEADER_READ_H

#include "format/parquet/format_types.h"
#include "util/error.h"

typedef enum PageHeaderResult {
    PAGE_HEADER_OK,
    PAGE_HEADER_CUT, /* the bytes end inside it: ask again with more; err stays clear */
    PAGE_HEADER_BAD,
} PageHeaderResult;

PageHeaderResult page_header_parse(const uint8_t *bytes, size_t size_bytes, PageHeader *out,
                                   size_t *used_bytes, Error *err);

#endif
