#include "format/csv/compressor.h"

#include <zlib.h>
#include <zstd.h>

#include "util/memory.h"

enum {
    PACKED_BYTES = 128 << 10,
    ZSTD_LEVEL_DEFAULT = 3,
    GZIP_LEVEL_DEFAULT = 6,
    GZIP_WINDOW_BITS = 15 + 16, /* 16: gzip's header instead of zlib's */
    GZIP_MEMORY_LEVEL = 8,
};

struct CsvCompressor {
    ZSTD_CCtx *zstd; /* NULL: gzip */
    z_stream gzip;
    bool has_gzip;
    size_t packed; /* compressed bytes in room */
    uint8_t room[PACKED_BYTES];
};

static bool
start_zstd(CsvCompressor *compressor, int level, Error *err)
{
    compressor->zstd = ZSTD_createCCtx();
    if (compressor->zstd == NULL)
        return error_set(err, ERR_INTERNAL, "zstd cannot be started");
    size_t result = ZSTD_CCtx_setParameter(compressor->zstd, ZSTD_c_compressionLevel, level);
    if (!ZSTD_isError(result))
        result = ZSTD_CCtx_setParameter(compressor->zstd, ZSTD_c_checksumFlag, 1);
    if (ZSTD_isError(result))
        return error_set(err, ERR_INTERNAL, "zstd: %s", ZSTD_getErrorName(result));
    return true;
}

static bool
start_gzip(CsvCompressor *compressor, int level, Error *err)
{
    compressor->has_gzip = deflateInit2(&compressor->gzip, level, Z_DEFLATED, GZIP_WINDOW_BITS,
                                        GZIP_MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK;
    return compressor->has_gzip || error_set(err, ERR_INTERNAL, "gzip cannot be started");
}

bool
csv_compressor_new(Compression compression, OptionalInt level, CsvCompressor **out, Error *err)
{
    CsvCompressor *compressor = memory_alloc_zero(1, sizeof(*compressor));
    bool ok = false;

    *out = compressor;
    if (compression == COMPRESSION_ZSTD)
        ok = start_zstd(compressor, level.is_set ? (int)level.value : ZSTD_LEVEL_DEFAULT, err);
    else if (compression == COMPRESSION_GZIP)
        ok = start_gzip(compressor, level.is_set ? (int)level.value : GZIP_LEVEL_DEFAULT, err);
    else
        error_set(err, ERR_UNSUPPORTED, "csv files come plain, as gzip or as zstd");
    if (!ok) {
        csv_compressor_free(compressor);
        *out = NULL;
    }
    return ok;
}

/* Compresses what it can into room; *is_done once everything is taken and, at the end, out. */
static bool
step_zstd(CsvCompressor *compressor, ZSTD_inBuffer *in, bool is_last, bool *is_done, Error *err)
{
    ZSTD_outBuffer out = {compressor->room, PACKED_BYTES, compressor->packed};
    size_t left =
        ZSTD_compressStream2(compressor->zstd, &out, in, is_last ? ZSTD_e_end : ZSTD_e_continue);

    if (ZSTD_isError(left))
        return error_set(err, ERR_INTERNAL, "zstd: %s", ZSTD_getErrorName(left));
    compressor->packed = out.pos;
    *is_done = is_last ? left == 0 : in->pos == in->size;
    return true;
}

static bool
step_gzip(CsvCompressor *compressor, ZSTD_inBuffer *in, bool is_last, bool *is_done, Error *err)
{
    z_stream *gzip = &compressor->gzip;

    /* zlib takes the input as writable, but leaves it alone. */
    gzip->next_in = (Bytef *)(uintptr_t)in->src + in->pos;
    gzip->avail_in = (uInt)(in->size - in->pos);
    gzip->next_out = compressor->room + compressor->packed;
    gzip->avail_out = (uInt)(PACKED_BYTES - compressor->packed);
    int result = deflate(gzip, is_last ? Z_FINISH : Z_NO_FLUSH);
    if (result == Z_STREAM_ERROR)
        return error_set(err, ERR_INTERNAL, "gzip: the stream is damaged");
    in->pos = in->size - gzip->avail_in;
    compressor->packed = PACKED_BYTES - gzip->avail_out;
    *is_done = is_last ? result == Z_STREAM_END : gzip->avail_in == 0;
    return true;
}

bool
csv_compressor_put(CsvCompressor *compressor, const uint8_t *bytes, size_t size_bytes, bool is_last,
                   Sink *sink, Error *err)
{
    ZSTD_inBuffer in = {bytes, size_bytes, 0};
    bool is_done = false;

    while (!is_done) {
        bool ok = compressor->zstd != NULL ? step_zstd(compressor, &in, is_last, &is_done, err)
                                           : step_gzip(compressor, &in, is_last, &is_done, err);
        if (!ok)
            return false;
        if (compressor->packed == PACKED_BYTES || (is_done && is_last)) {
            if (!sink_write(sink, compressor->room, compressor->packed, err))
                return false;
            compressor->packed = 0;
        }
    }
    return true;
}

size_t
csv_compressor_waiting(const CsvCompressor *compressor)
{
    return compressor->packed;
}

void
csv_compressor_free(CsvCompressor *compressor)
{
    if (compressor == NULL)
        return;
    ZSTD_freeCCtx(compressor->zstd);
    if (compressor->has_gzip)
        deflateEnd(&compressor->gzip);
    free(compressor);
}
