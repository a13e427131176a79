#include "format/csv/decoder.h"

#include <zlib.h>
#include <zstd.h>

#include "util/memory.h"

enum { PIECE_BYTES = 256 << 10, GZIP_WINDOW_BITS = 15 + 16 };

struct CsvDecoder {
    const Readable *file;
    Compression compression;
    uint64_t offset; /* of the next piece in the file */
    size_t packed_size;
    size_t packed_used;
    ZSTD_DCtx *zstd;
    z_stream gzip;
    bool has_gzip;
    bool is_inside; /* a frame or member has begun and not ended */
    uint8_t packed[PIECE_BYTES];
    uint8_t plain[PIECE_BYTES];
};

bool
csv_decoder_new(const Readable *file, Compression compression, CsvDecoder **out, Error *err)
{
    CsvDecoder *decoder = memory_alloc_zero(1, sizeof(*decoder));
    bool ok = true;

    decoder->file = file;
    decoder->compression = compression;
    /* An empty file is no gzip member and no zstd frame. */
    decoder->is_inside = compression != COMPRESSION_NONE;
    if (compression == COMPRESSION_ZSTD) {
        decoder->zstd = ZSTD_createDCtx();
        ok = decoder->zstd != NULL;
    } else if (compression == COMPRESSION_GZIP) {
        decoder->has_gzip = inflateInit2(&decoder->gzip, GZIP_WINDOW_BITS) == Z_OK;
        ok = decoder->has_gzip;
    } else {
        ok = compression == COMPRESSION_NONE;
    }
    *out = decoder;
    if (ok)
        return true;
    csv_decoder_free(decoder);
    *out = NULL;
    return error_set(err, ERR_UNSUPPORTED, "cannot decode this compression of a csv file");
}

static bool
is_at_end(const CsvDecoder *decoder)
{
    return decoder->packed_used == decoder->packed_size &&
           decoder->offset == decoder->file->size_bytes;
}

static bool
read_piece(CsvDecoder *decoder, Error *err)
{
    uint64_t left = decoder->file->size_bytes - decoder->offset;
    size_t size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;

    if (!readable_read(decoder->file, decoder->offset, decoder->packed, size, err))
        return false;
    decoder->offset += size;
    decoder->packed_size = size;
    decoder->packed_used = 0;
    return true;
}

static bool
damaged(Error *err, const char *codec, const char *what)
{
    return error_set(err, ERR_CHECK, "validation failed: the %s form is damaged: %s", codec, what);
}

/* Our writer makes one frame and one member, so bytes behind its end are damage, too. */
static bool
step_zstd(CsvDecoder *decoder, size_t *size_bytes, Error *err)
{
    ZSTD_inBuffer in = {decoder->packed, decoder->packed_size, decoder->packed_used};
    ZSTD_outBuffer out = {decoder->plain, PIECE_BYTES, 0};

    if (!decoder->is_inside)
        return damaged(err, "zstd", "bytes follow its end");
    size_t left = ZSTD_decompressStream(decoder->zstd, &out, &in);
    if (ZSTD_isError(left))
        return damaged(err, "zstd", ZSTD_getErrorName(left));
    decoder->packed_used = in.pos;
    decoder->is_inside = left != 0;
    *size_bytes = out.pos;
    return true;
}

static bool
step_gzip(CsvDecoder *decoder, size_t *size_bytes, Error *err)
{
    z_stream *gzip = &decoder->gzip;

    if (!decoder->is_inside)
        return damaged(err, "gzip", "bytes follow its end");
    gzip->next_in = decoder->packed + decoder->packed_used;
    gzip->avail_in = (uInt)(decoder->packed_size - decoder->packed_used);
    gzip->next_out = decoder->plain;
    gzip->avail_out = PIECE_BYTES;
    int result = inflate(gzip, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return damaged(err, "gzip", gzip->msg == NULL ? "unknown reason" : gzip->msg);
    decoder->packed_used = decoder->packed_size - gzip->avail_in;
    decoder->is_inside = result != Z_STREAM_END;
    *size_bytes = PIECE_BYTES - gzip->avail_out;
    return true;
}

/* Output may still come out of a codec that has taken all its input. */
static bool
next_unpacked(CsvDecoder *decoder, size_t *size_bytes, Error *err)
{
    bool is_zstd = decoder->compression == COMPRESSION_ZSTD;

    for (;;) {
        bool had_all = is_at_end(decoder);
        if (had_all && !decoder->is_inside)
            return true;
        if (decoder->packed_used == decoder->packed_size && !had_all && !read_piece(decoder, err))
            return false;
        if (!(is_zstd ? step_zstd : step_gzip)(decoder, size_bytes, err))
            return false;
        if (*size_bytes > 0)
            return true;
        if (had_all && decoder->is_inside)
            return damaged(err, is_zstd ? "zstd" : "gzip", "it ends too early");
    }
}

bool
csv_decoder_next(CsvDecoder *decoder, const uint8_t **bytes, size_t *size_bytes, Error *err)
{
    *size_bytes = 0;
    if (decoder->compression != COMPRESSION_NONE) {
        *bytes = decoder->plain;
        return next_unpacked(decoder, size_bytes, err);
    }
    *bytes = decoder->packed;
    if (decoder->offset == decoder->file->size_bytes)
        return true;
    if (!read_piece(decoder, err))
        return false;
    *size_bytes = decoder->packed_size;
    return true;
}

void
csv_decoder_free(CsvDecoder *decoder)
{
    if (decoder == NULL)
        return;
    ZSTD_freeDCtx(decoder->zstd);
    if (decoder->has_gzip)
        inflateEnd(&decoder->gzip);
    free(decoder);
}
