#include "format/parquet/page.h"

#include "format/parquet/thrift_write.h"

static void
write_data_header(ThriftWriter *out, const PageHeader *header)
{
    thrift_struct(out, 5);
    thrift_i32(out, 1, header->value_count);
    thrift_i32(out, 2, header->encoding);
    thrift_i32(out, 3, ENCODING_RLE);
    thrift_i32(out, 4, ENCODING_RLE);
    thrift_end(out);
}

static void
write_dictionary_header(ThriftWriter *out, const PageHeader *header)
{
    thrift_struct(out, 7);
    thrift_i32(out, 1, header->value_count);
    thrift_i32(out, 2, ENCODING_PLAIN);
    thrift_end(out);
}

void
page_header_write(const PageHeader *header, Buffer *out)
{
    ThriftWriter writer = thrift_begin(out);

    thrift_i32(&writer, 1, header->type);
    thrift_i32(&writer, 2, header->uncompressed_size);
    thrift_i32(&writer, 3, header->compressed_size);
    thrift_i32(&writer, 4, (int32_t)header->crc);
    if (header->type == PAGE_DATA)
        write_data_header(&writer, header);
    else
        write_dictionary_header(&writer, header);
    thrift_end(&writer);
}
