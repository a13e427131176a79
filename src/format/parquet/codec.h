/* codec.h: one page body in, one compressed block out, and back.
 *
 * Shape    a whole page body per call, no framing beyond the codec's own: zstd frame with content
 *          size, one gzip member, raw snappy block, raw LZ4 block (never the old codec 5).
 * Threads  a Compressor or Decompressor belongs to one thread at a time; both keep their contexts
 *          between calls.
 * Errors   compressing: ERR_INTERNAL, only when a library refuses. Decompressing: ERR_FORMAT for
 *          bytes that are damaged or give another size than promised, ERR_UNSUPPORTED for codecs
 *          that rivet does not know. Safe on hostile bytes.
 * Source   spec: parquet §1.10 */
#ifndef RIVET_FORMAT_PARQUET_CODEC_H
#define RIVET_FORMAT_PARQUET_CODEC_H

#include "config/config.h"
#include "format/parquet/format_types.h"
#include "util/error.h"

CodecId codec_of_compression(Compression compression);
const char *codec_name(int32_t codec); /* "ZSTD", …; "UNKNOWN" for others */

/* Level a codec runs at when the configuration names none; 0 where it has no levels. */
int codec_default_level(CodecId codec);

/* Most bytes that size_bytes can become. */
size_t codec_bound_bytes(CodecId codec, size_t size_bytes);

typedef struct Compressor Compressor;

/* level is clamped to what the codec takes: zstd 1–22, gzip 0–9. */
Compressor *compressor_new(CodecId codec, int level);
bool compressor_is_for(const Compressor *compressor, CodecId codec, int level);
/* to has room for codec_bound_bytes(codec, size_bytes). */
MUST_USE bool compressor_run(Compressor *compressor, const void *from, size_t size_bytes, void *to,
                             size_t capacity_bytes, size_t *written_bytes, Error *err);
void compressor_free(Compressor *compressor);

typedef struct Decompressor Decompressor;

Decompressor *decompressor_new(void);
/* Fills exactly to_bytes. gzip: several members in one body are read too. */
MUST_USE bool decompressor_run(Decompressor *decompressor, int32_t codec, const void *from,
                               size_t from_bytes, void *to, size_t to_bytes, Error *err);
void decompressor_free(Decompressor *decompressor);

/* CRC-32 as the page header stores it. */
uint32_t page_crc32(const void *bytes, size_t size_bytes);

#endif
