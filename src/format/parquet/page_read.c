#include "format/parquet/page_read.h"

#include "format/parquet/page_header_read.h"

enum { HEADER_FIRST_BYTES = 1024, HEADER_MAX_BYTES = 16 * 1024 * 1024 };

static bool
check_readable(const ParquetFile *file, const FooterColumn *column, const SchemaLeaf *leaf,
               Error *err)
{
    const ColumnMetaData *meta = &column->chunk.meta;
    int64_t start = column_start_offset(meta);

    if (column->is_encrypted)
        return error_set(err, ERR_UNSUPPORTED, "the column chunk is encrypted");
    if (column->file_path.size > 0)
        return error_set(err, ERR_UNSUPPORTED, "the column chunk lies in another file");
    if (meta->type != (int32_t)leaf->type)
        return error_set(err, ERR_FORMAT, "physical type %d in a column of type %d",
                         (int)meta->type, (int)leaf->type);
    if (meta->value_count < 0)
        return error_set(err, ERR_FORMAT, "a column chunk of %" PRId64 " values",
                         meta->value_count);
    if (start < PARQUET_MAGIC_BYTES || (uint64_t)start > file->footer_offset ||
        meta->compressed_size < 0 ||
        (uint64_t)meta->compressed_size > file->footer_offset - (uint64_t)start)
        return error_set(err, ERR_FORMAT,
                         "a column chunk of %" PRId64 " bytes at offset %" PRId64
                         " leaves the file's data",
                         meta->compressed_size, start);
    return true;
}

bool
page_reader_open(PageReader *reader, const ParquetFile *file, size_t row_group, size_t leaf,
                 bool is_strict, Error *err)
{
    const FooterColumn *column = &file->row_groups[row_group].columns[leaf];
    const ColumnMetaData *meta = &column->chunk.meta;

    *reader = (PageReader){.file = file, .meta = meta};
    if (!check_readable(file, column, &file->leaves[leaf], err))
        return false;
    reader->next_offset = (uint64_t)column_start_offset(meta);
    reader->end_offset =
        is_strict ? reader->next_offset + (uint64_t)meta->compressed_size : file->footer_offset;
    reader->window = (ByteWindow){.from = file->from, .end = reader->end_offset};
    reader->decompressor = decompressor_new();
    return true;
}

/* Headers have no length of their own: try a few bytes, then more. */
static bool
read_header(PageReader *reader, Error *err)
{
    uint64_t room = reader->end_offset - reader->offset;
    size_t size = HEADER_FIRST_BYTES;
    const uint8_t *bytes = NULL;

    for (;; size *= 8) {
        size_t take = size < room ? size : (size_t)room;
        if (!byte_window_get(&reader->window, reader->offset, take, &bytes, err))
            return false;
        PageHeaderResult result =
            page_header_parse(bytes, take, &reader->header, &reader->header_bytes, err);
        if (result != PAGE_HEADER_CUT)
            return result == PAGE_HEADER_OK;
        if (take == room || size >= HEADER_MAX_BYTES)
            return error_set(err, ERR_FORMAT, "damaged page header: it does not end");
    }
}

bool
page_reader_next(PageReader *reader, bool *has_page, Error *err)
{
    reader->body = NULL;
    reader->offset = reader->next_offset;
    *has_page = reader->offset < reader->end_offset;
    if (!*has_page)
        return true;
    if (!read_header(reader, err))
        return false;
    uint64_t room = reader->end_offset - reader->offset - reader->header_bytes;
    if ((uint64_t)reader->header.compressed_size > room)
        return error_set(err, ERR_FORMAT,
                         "a page of %" PRId32 " bytes in the last %" PRIu64
                         " bytes of its column chunk",
                         reader->header.compressed_size, room);
    reader->next_offset =
        reader->offset + reader->header_bytes + (uint64_t)reader->header.compressed_size;
    reader->uncompressed_total += reader->header_bytes + (uint64_t)reader->header.uncompressed_size;
    return true;
}

/* The most that one compressed byte can become; rounded up from each codec's densest block. */
static uint64_t
max_inflation(int32_t codec)
{
    switch (codec) {
    case CODEC_NONE:
        return 1;
    case CODEC_SNAPPY:
        return 64;
    case CODEC_LZ4_RAW:
        return 256;
    case CODEC_GZIP:
        return 1100;
    default: /* zstd repeats 128 KiB in a block of 4 bytes */
        return 1 << 16;
    }
}

static bool
ensure_buffer(PageReader *reader, size_t size_bytes, uint64_t compressed_bytes, Error *err)
{
    if (size_bytes > reader->file->limits.page_max_bytes)
        return error_set(err, ERR_BUDGET, "a page of %zu bytes is more than %zu", size_bytes,
                         reader->file->limits.page_max_bytes);
    if (size_bytes > compressed_bytes * max_inflation(reader->meta->codec) + 64)
        return error_set(err, ERR_FORMAT, "a page of %" PRIu64 " bytes cannot decompress to %zu",
                         compressed_bytes, size_bytes);
    if (reader->buffer != NULL && size_bytes <= reader->buffer_bytes)
        return true;
    free(reader->buffer);
    reader->buffer_bytes = size_bytes;
    reader->buffer = malloc(size_bytes + 1);
    if (reader->buffer == NULL)
        return error_set(err, ERR_BUDGET, "no memory for a page of %zu bytes", size_bytes);
    return true;
}

/* Levels of V2 pages are stored as they are, in front of the values. */
static bool
check_v2_levels(const PageHeader *header, size_t *level_bytes, Error *err)
{
    uint64_t levels = 0;

    if (header->type == PAGE_DATA_V2)
        levels = (uint64_t)header->definition_bytes + (uint64_t)header->repetition_bytes;
    if (levels > (uint64_t)header->compressed_size || levels > (uint64_t)header->uncompressed_size)
        return error_set(err, ERR_FORMAT, "levels of %" PRIu64 " bytes in a page of %" PRId32,
                         levels, header->compressed_size);
    *level_bytes = (size_t)levels;
    return true;
}

static bool
inflate(PageReader *reader, const uint8_t *stored, size_t plain_bytes, Error *err)
{
    const PageHeader *header = &reader->header;
    size_t stored_bytes = (size_t)header->compressed_size;
    size_t body_bytes = (size_t)header->uncompressed_size;

    if (!ensure_buffer(reader, body_bytes, stored_bytes, err))
        return false;
    reader->body = reader->buffer;
    if (plain_bytes > 0)
        memcpy(reader->buffer, stored, plain_bytes);
    if (header->type == PAGE_DATA_V2 && stored_bytes == plain_bytes && body_bytes == plain_bytes)
        return true; /* no values: some writers compress nothing into nothing */
    return decompressor_run(reader->decompressor, reader->meta->codec, stored + plain_bytes,
                            stored_bytes - plain_bytes, reader->buffer + plain_bytes,
                            body_bytes - plain_bytes, err);
}

bool
page_reader_load(PageReader *reader, Error *err)
{
    const PageHeader *header = &reader->header;
    const uint8_t *stored = NULL;
    size_t level_bytes = 0;
    bool is_stored_plain = reader->meta->codec == CODEC_NONE ||
                           (header->type == PAGE_DATA_V2 && !header->is_compressed);

    if (!check_v2_levels(header, &level_bytes, err) ||
        !byte_window_get(&reader->window, reader->offset + reader->header_bytes,
                         (size_t)header->compressed_size, &stored, err))
        return false;
    if (header->has_crc) {
        uint32_t crc = page_crc32(stored, (size_t)header->compressed_size);
        if (crc != header->crc)
            return error_set(err, ERR_FORMAT,
                             "page CRC is %08" PRIx32 ", its header says %08" PRIx32, crc,
                             header->crc);
    }
    if (!is_stored_plain)
        return inflate(reader, stored, level_bytes, err);
    if (header->compressed_size != header->uncompressed_size)
        return error_set(err, ERR_FORMAT,
                         "an uncompressed page of %" PRId32 " bytes claims %" PRId32,
                         header->compressed_size, header->uncompressed_size);
    reader->body = stored;
    return true;
}

bool
page_reader_take_body(PageReader *reader, uint8_t **body, Error *err)
{
    size_t size = (size_t)reader->header.uncompressed_size;

    if (reader->body == reader->buffer) {
        *body = reader->buffer;
        reader->buffer = NULL;
        reader->buffer_bytes = 0;
    } else {
        *body = malloc(size + 1);
        if (*body == NULL)
            return error_set(err, ERR_BUDGET, "no memory for a page of %zu bytes", size);
        memcpy(*body, reader->body, size);
    }
    reader->body = NULL;
    return true;
}

void
page_reader_release(PageReader *reader)
{
    byte_window_release(&reader->window);
    decompressor_free(reader->decompressor);
    free(reader->buffer);
    *reader = (PageReader){0};
}
