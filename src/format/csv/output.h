/* output.h: the bytes of one CSV file on their way to the sink.
 *
 * Cells are rendered straight into `room`. Whenever PIECE bytes are there, exactly so many go
 * through the compressor (or none) to the sink.
 * Owner   the writer: csv_output_init, csv_output_release also after a failure. */
#ifndef RIVET_FORMAT_CSV_OUTPUT_H
#define RIVET_FORMAT_CSV_OUTPUT_H

#include "config/config.h"
#include "util/sink.h"

enum { CSV_PIECE_BYTES = 256 << 10, CSV_SLACK_BYTES = 64 << 10 };

typedef struct CsvOutput {
    Sink *sink;
    struct CsvCompressor *compressor; /* NULL: plain */
    uint8_t *room;
    size_t used;
    size_t slack; /* room behind a piece: what one reservation may ask for */
} CsvOutput;

/* slack: at least this much can be reserved at once, and never less than CSV_SLACK_BYTES. */
MUST_USE bool csv_output_init(CsvOutput *output, Sink *sink, Compression compression,
                              OptionalInt level, size_t slack, Error *err);
MUST_USE bool csv_output_emit(CsvOutput *output, Error *err); /* the whole pieces in room */
MUST_USE bool csv_output_finish(CsvOutput *output, Error *err);
uint64_t csv_output_size(const CsvOutput *output); /* of the file so far, see csv.h, Split */
void csv_output_release(CsvOutput *output);

/* Makes sure that size_bytes, at most slack, fit behind room[used]. */
static inline MUST_USE bool
csv_output_reserve(CsvOutput *output, size_t size_bytes, Error *err)
{
    if (LIKELY(CSV_PIECE_BYTES + output->slack - output->used >= size_bytes))
        return true;
    return csv_output_emit(output, err);
}

#endif
