/* support.h: a CSV file in memory, for the tests of format/csv/. */
#ifndef RIVET_TESTS_FORMAT_CSV_SUPPORT_H
#define RIVET_TESTS_FORMAT_CSV_SUPPORT_H

#include "../../test.h"

#include "batch/batch.h"
#include "format/csv/csv.h"
#include "util/buffer.h"

static const CsvConfig CSV_DEFAULT = {.delimiter = ',', .has_header = true};

static inline bool
memory_write(void *receiver, const void *bytes, size_t size_bytes, Error *err)
{
    (void)err;
    buffer_append(receiver, bytes, size_bytes);
    return true;
}

static inline bool
memory_read(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    const Buffer *file = context;
    (void)err;

    if (size_bytes > 0)
        memcpy(bytes, file->data + offset, size_bytes);
    return true;
}

static inline Readable
memory_readable(Buffer *file)
{
    return (Readable){.read = memory_read, .context = file, .size_bytes = file->size};
}

/* Writes rows [*row, …) of the batch into one file; *row is where the next part starts. */
static inline void
write_part(const FormatOptions *options, const Batch *batch, size_t *row, Buffer *file)
{
    Error err = ERROR_INIT;
    Sink sink;
    Writer *writer = NULL;
    bool is_full = false;

    buffer_reset(file);
    sink_init(&sink, memory_write, file);
    assert_ok(CSV_DRIVER.open(options, &sink, &writer, &err), &err);
    while (*row < batch->row_count && !is_full)
        assert_ok(CSV_DRIVER.write(writer, batch, *row, row, &is_full, &err), &err);
    assert_ok(CSV_DRIVER.finish(writer, &err), &err);
    assert_int_equal(sink.size_bytes, file->size);
    CSV_DRIVER.free(writer);
    sink_release(&sink);
}

static inline void
append_text(Column *column, const char *text)
{
    Error err = ERROR_INIT;

    if (text == NULL)
        column_append_null(column);
    else
        assert_ok(column_append_bytes(column, text, strlen(text), &err), &err);
}

#endif
