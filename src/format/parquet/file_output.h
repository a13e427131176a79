/* file_output.h: the bytes of a file on their way to the sink.
 *
 * Small pieces are gathered, so that hundreds of columns do not become thousands of writes; large
 * ones pass uncopied.
 * Owner   zero-initialise with a sink; file_output_release at the end.
 * Errors  the sink's. */
#ifndef RIVET_FORMAT_PARQUET_FILE_OUTPUT_H
#define RIVET_FORMAT_PARQUET_FILE_OUTPUT_H

#include "util/buffer.h"
#include "util/sink.h"

typedef struct FileOutput {
    Sink *sink;
    uint64_t size_bytes; /* of the file so far, gathered bytes included */
    Buffer gathered;
} FileOutput;

MUST_USE bool file_output_write(FileOutput *output, const void *bytes, size_t size_bytes,
                                Error *err);
/* Nothing is gathered any more. */
MUST_USE bool file_output_flush(FileOutput *output, Error *err);
void file_output_release(FileOutput *output);

#endif
