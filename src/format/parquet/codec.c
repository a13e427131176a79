#include "format/parquet/codec.h"

#include <libdeflate.h>
#include <lz4.h>
#include <snappy-c.h>
#include <zstd.h>

#include "util/memory.h"

enum { ZSTD_DEFAULT = 3, ZSTD_LOWEST = 1, ZSTD_HIGHEST = 22, GZIP_DEFAULT = 6, GZIP_HIGHEST = 9 };

CodecId
codec_of_compression(Compression compression)
{
    static const CodecId CODECS[] = {
        [COMPRESSION_ZSTD] = CODEC_ZSTD, [COMPRESSION_SNAPPY] = CODEC_SNAPPY,
        [COMPRESSION_GZIP] = CODEC_GZIP, [COMPRESSION_LZ4] = CODEC_LZ4_RAW,
        [COMPRESSION_NONE] = CODEC_NONE,
    };

    return CODECS[compression];
}

const char *
codec_name(int32_t codec)
{
    static const char *const NAMES[] = {
        [CODEC_NONE] = "UNCOMPRESSED", [CODEC_SNAPPY] = "SNAPPY",   [CODEC_GZIP] = "GZIP",
        [CODEC_LZO] = "LZO",           [CODEC_BROTLI] = "BROTLI",   [CODEC_LZ4_OLD] = "LZ4",
        [CODEC_ZSTD] = "ZSTD",         [CODEC_LZ4_RAW] = "LZ4_RAW",
    };

    return codec < 0 || (size_t)codec >= ARRAY_LENGTH(NAMES) ? "UNKNOWN" : NAMES[codec];
}

int
codec_default_level(CodecId codec)
{
    return codec == CODEC_ZSTD ? ZSTD_DEFAULT : codec == CODEC_GZIP ? GZIP_DEFAULT : 0;
}

size_t
codec_bound_bytes(CodecId codec, size_t size_bytes)
{
    switch (codec) {
    case CODEC_ZSTD:
        return ZSTD_compressBound(size_bytes);
    case CODEC_SNAPPY:
        return snappy_max_compressed_length(size_bytes);
    case CODEC_GZIP:
        return libdeflate_gzip_compress_bound(NULL, size_bytes);
    case CODEC_LZ4_RAW:
        return (size_t)LZ4_compressBound((int)size_bytes);
    default:
        return size_bytes;
    }
}

struct Compressor {
    CodecId codec;
    int level;
    ZSTD_CCtx *zstd;
    struct libdeflate_compressor *deflate;
};

static void *
required(void *context)
{
    if (context == NULL)
        abort(); /* the libraries fail here only when memory is out */
    return context;
}

static int
clamp_level(CodecId codec, int level)
{
    if (codec == CODEC_ZSTD)
        return level < ZSTD_LOWEST ? ZSTD_LOWEST : level > ZSTD_HIGHEST ? ZSTD_HIGHEST : level;
    if (codec == CODEC_GZIP)
        return level < 0 ? 0 : level > GZIP_HIGHEST ? GZIP_HIGHEST : level;
    return 0;
}

Compressor *
compressor_new(CodecId codec, int level)
{
    Compressor *compressor = memory_alloc_zero(1, sizeof(*compressor));

    compressor->codec = codec;
    compressor->level = clamp_level(codec, level);
    if (codec == CODEC_ZSTD) {
        compressor->zstd = required(ZSTD_createCCtx());
        ZSTD_CCtx_setParameter(compressor->zstd, ZSTD_c_compressionLevel, compressor->level);
    }
    if (codec == CODEC_GZIP)
        compressor->deflate = required(libdeflate_alloc_compressor(compressor->level));
    return compressor;
}

bool
compressor_is_for(const Compressor *compressor, CodecId codec, int level)
{
    return compressor->codec == codec && compressor->level == clamp_level(codec, level);
}

static size_t
compress_zstd(Compressor *compressor, const void *from, size_t size, void *to, size_t capacity)
{
    size_t written = ZSTD_compress2(compressor->zstd, to, capacity, from, size);

    return ZSTD_isError(written) ? 0 : written;
}

static size_t
compress_snappy(const void *from, size_t size, void *to, size_t capacity)
{
    return snappy_compress(from, size, to, &capacity) == SNAPPY_OK ? capacity : 0;
}

/* Every codec needs at least one byte, even for an empty page: 0 means failure. */
static size_t
compress_any(Compressor *compressor, const void *from, size_t size, void *to, size_t capacity)
{
    switch (compressor->codec) {
    case CODEC_ZSTD:
        return compress_zstd(compressor, from, size, to, capacity);
    case CODEC_SNAPPY:
        return compress_snappy(from, size, to, capacity);
    case CODEC_GZIP:
        return libdeflate_gzip_compress(compressor->deflate, from, size, to, capacity);
    case CODEC_LZ4_RAW:
        return (size_t)LZ4_compress_default(from, to, (int)size, (int)capacity);
    default:
        return 0;
    }
}

bool
compressor_run(Compressor *compressor, const void *from, size_t size_bytes, void *to,
               size_t capacity_bytes, size_t *written_bytes, Error *err)
{
    assert(capacity_bytes >= codec_bound_bytes(compressor->codec, size_bytes));
    if (compressor->codec == CODEC_NONE) {
        if (size_bytes > 0)
            memcpy(to, from, size_bytes);
        *written_bytes = size_bytes;
        return true;
    }
    *written_bytes = compress_any(compressor, from, size_bytes, to, capacity_bytes);
    if (*written_bytes == 0)
        return error_set(err, ERR_INTERNAL, "the %s library refused a page of %zu bytes",
                         codec_name((int32_t)compressor->codec), size_bytes);
    return true;
}

void
compressor_free(Compressor *compressor)
{
    if (compressor == NULL)
        return;
    ZSTD_freeCCtx(compressor->zstd);
    if (compressor->deflate != NULL)
        libdeflate_free_compressor(compressor->deflate);
    free(compressor);
}

struct Decompressor {
    ZSTD_DCtx *zstd;
    struct libdeflate_decompressor *deflate;
};

Decompressor *
decompressor_new(void)
{
    Decompressor *decompressor = memory_alloc(sizeof(*decompressor));

    decompressor->zstd = required(ZSTD_createDCtx());
    decompressor->deflate = required(libdeflate_alloc_decompressor());
    return decompressor;
}

static bool
decompress_zstd(Decompressor *decompressor, const void *from, size_t from_bytes, void *to,
                size_t to_bytes)
{
    size_t got = ZSTD_decompressDCtx(decompressor->zstd, to, to_bytes, from, from_bytes);

    return !ZSTD_isError(got) && got == to_bytes;
}

static bool
decompress_gzip(Decompressor *decompressor, const uint8_t *from, size_t from_bytes, uint8_t *to,
                size_t to_bytes)
{
    while (from_bytes > 0) {
        size_t consumed = 0;
        size_t produced = 0;
        if (libdeflate_gzip_decompress_ex(decompressor->deflate, from, from_bytes, to, to_bytes,
                                          &consumed, &produced) != LIBDEFLATE_SUCCESS)
            return false;
        from += consumed;
        from_bytes -= consumed;
        to += produced;
        to_bytes -= produced;
    }
    return to_bytes == 0;
}

static bool
decompress_snappy(const void *from, size_t from_bytes, void *to, size_t to_bytes)
{
    size_t promised = 0;

    return snappy_uncompressed_length(from, from_bytes, &promised) == SNAPPY_OK &&
           promised == to_bytes && snappy_uncompress(from, from_bytes, to, &promised) == SNAPPY_OK;
}

static bool
decompress_lz4(const void *from, size_t from_bytes, void *to, size_t to_bytes)
{
    return from_bytes <= INT32_MAX && to_bytes <= INT32_MAX &&
           LZ4_decompress_safe(from, to, (int)from_bytes, (int)to_bytes) == (int)to_bytes;
}

static bool
decompress_any(Decompressor *decompressor, int32_t codec, const void *from, size_t from_bytes,
               void *to, size_t to_bytes)
{
    switch (codec) {
    case CODEC_NONE:
        if (from_bytes == to_bytes && to_bytes > 0)
            memcpy(to, from, to_bytes);
        return from_bytes == to_bytes;
    case CODEC_ZSTD:
        return decompress_zstd(decompressor, from, from_bytes, to, to_bytes);
    case CODEC_SNAPPY:
        return decompress_snappy(from, from_bytes, to, to_bytes);
    case CODEC_GZIP:
        return decompress_gzip(decompressor, from, from_bytes, to, to_bytes);
    default:
        return decompress_lz4(from, from_bytes, to, to_bytes);
    }
}

bool
decompressor_run(Decompressor *decompressor, int32_t codec, const void *from, size_t from_bytes,
                 void *to, size_t to_bytes, Error *err)
{
    uint8_t nothing = 0; /* the libraries dislike NULL, also for no bytes */

    if (codec != CODEC_NONE && codec != CODEC_ZSTD && codec != CODEC_SNAPPY &&
        codec != CODEC_GZIP && codec != CODEC_LZ4_RAW)
        return error_set(err, ERR_UNSUPPORTED, "codec %s (%d) is not supported", codec_name(codec),
                         (int)codec);
    if (!decompress_any(decompressor, codec, from_bytes == 0 ? &nothing : from, from_bytes,
                        to_bytes == 0 ? &nothing : to, to_bytes))
        return error_set(err, ERR_FORMAT, "damaged %s page: %zu bytes do not give %zu",
                         codec_name(codec), from_bytes, to_bytes);
    return true;
}

void
decompressor_free(Decompressor *decompressor)
{
    if (decompressor == NULL)
        return;
    ZSTD_freeDCtx(decompressor->zstd);
    libdeflate_free_decompressor(decompressor->deflate);
    free(decompressor);
}

uint32_t
page_crc32(const void *bytes, size_t size_bytes)
{
    return libdeflate_crc32(0, bytes, size_bytes);
}
