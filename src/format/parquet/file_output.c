#include "format/parquet/file_output.h"

enum { GATHER_BYTES = 64 << 10 };

bool
file_output_flush(FileOutput *output, Error *err)
{
    size_t size = output->gathered.size;

    buffer_reset(&output->gathered);
    return size == 0 || sink_write(output->sink, output->gathered.data, size, err);
}

bool
file_output_write(FileOutput *output, const void *bytes, size_t size_bytes, Error *err)
{
    output->size_bytes += size_bytes;
    if (output->gathered.size + size_bytes > GATHER_BYTES && !file_output_flush(output, err))
        return false;
    if (size_bytes > GATHER_BYTES)
        return sink_write(output->sink, bytes, size_bytes, err);
    buffer_append(&output->gathered, bytes, size_bytes);
    return true;
}

void
file_output_release(FileOutput *output)
{
    buffer_release(&output->gathered);
}
