/* compressor.h: gzip and zstd as a stream.
 *
 * One gzip member without name and time, one zstd frame with a checksum: what every reader opens,
 * and the same bytes for the same pieces. */
#ifndef RIVET_FORMAT_CSV_COMPRESSOR_H
#define RIVET_FORMAT_CSV_COMPRESSOR_H

#include "config/config.h"
#include "util/sink.h"

typedef struct CsvCompressor CsvCompressor;

/* ERR_UNSUPPORTED for a codec that CSV files do not come in. */
MUST_USE bool csv_compressor_new(Compression compression, OptionalInt level, CsvCompressor **out,
                                 Error *err);
MUST_USE bool csv_compressor_put(CsvCompressor *compressor, const uint8_t *bytes, size_t size_bytes,
                                 bool is_last, Sink *sink, Error *err);
size_t
csv_compressor_waiting(const CsvCompressor *compressor); /* compressed, not yet in the sink */
void csv_compressor_free(CsvCompressor *compressor);

#endif
