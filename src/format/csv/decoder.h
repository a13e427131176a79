/* decoder.h: the plain bytes of a CSV file, piece by piece.
 *
 * Memory  two pieces and the codec's window, whatever the file's size.
 * Errors  ERR_CHECK for a damaged or cut compressed form, else the file's own. */
#ifndef RIVET_FORMAT_CSV_DECODER_H
#define RIVET_FORMAT_CSV_DECODER_H

#include "config/config.h"
#include "util/readable.h"

typedef struct CsvDecoder CsvDecoder;

MUST_USE bool csv_decoder_new(const Readable *file, Compression compression, CsvDecoder **out,
                              Error *err);
/* The next bytes, borrowed until the next call; *size_bytes is 0 at the end. */
MUST_USE bool csv_decoder_next(CsvDecoder *decoder, const uint8_t **bytes, size_t *size_bytes,
                               Error *err);
void csv_decoder_free(CsvDecoder *decoder);

#endif
