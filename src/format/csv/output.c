#include "format/csv/output.h"

#include "format/csv/compressor.h"
#include "util/memory.h"

bool
csv_output_init(CsvOutput *output, Sink *sink, Compression compression, OptionalInt level,
                size_t slack, Error *err)
{
    *output = (CsvOutput){.sink = sink, .slack = size_max(slack, CSV_SLACK_BYTES)};
    output->room = memory_alloc(CSV_PIECE_BYTES + output->slack);
    return compression == COMPRESSION_NONE ||
           csv_compressor_new(compression, level, &output->compressor, err);
}

static bool
hand_on(CsvOutput *output, const uint8_t *bytes, size_t size_bytes, bool is_last, Error *err)
{
    if (output->compressor != NULL)
        return csv_compressor_put(output->compressor, bytes, size_bytes, is_last, output->sink,
                                  err);
    return size_bytes == 0 || sink_write(output->sink, bytes, size_bytes, err);
}

bool
csv_output_emit(CsvOutput *output, Error *err)
{
    size_t start = 0;

    for (; output->used - start >= CSV_PIECE_BYTES; start += CSV_PIECE_BYTES)
        if (!hand_on(output, output->room + start, CSV_PIECE_BYTES, false, err))
            return false;
    output->used -= start;
    if (start > 0)
        memmove(output->room, output->room + start, output->used);
    return true;
}

bool
csv_output_finish(CsvOutput *output, Error *err)
{
    return csv_output_emit(output, err) && hand_on(output, output->room, output->used, true, err);
}

uint64_t
csv_output_size(const CsvOutput *output)
{
    if (output->compressor != NULL)
        return output->sink->size_bytes + csv_compressor_waiting(output->compressor);
    return output->sink->size_bytes + output->used;
}

void
csv_output_release(CsvOutput *output)
{
    csv_compressor_free(output->compressor);
    free(output->room);
    *output = (CsvOutput){0};
}
