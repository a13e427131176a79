#include "format/csv/cell.h"
#include "format/csv/csv.h"
#include "util/memory.h"

typedef struct CsvWriter {
    Writer base;
    const Schema *schema;
    CellStyle style;
    CsvOutput output;
    CellWalk *walks; /* per column */
    Buffer scratch;
    size_t row_bytes; /* what all cells but texts, binaries and lists of a row can take */
    uint64_t max_file_size_bytes;
    uint64_t split_step_rows;
} CsvWriter;

static bool
put_header(CsvWriter *writer, Error *err)
{
    CsvOutput *output = &writer->output;

    for (size_t i = 0; i < writer->schema->column_count; i++) {
        const char *name = writer->schema->columns[i].name;
        buffer_reset(&writer->scratch);
        buffer_append_text(&writer->scratch, name);
        buffer_reserve(&writer->scratch, COLUMN_SLACK_BYTES);
        if (!cell_put_text(&writer->style, writer->scratch.data, writer->scratch.size, false,
                           output, err) ||
            !csv_output_reserve(output, 1, err))
            return false;
        bool is_last = i + 1 == writer->schema->column_count;
        output->room[output->used++] = is_last ? '\n' : writer->style.delimiter;
    }
    return true;
}

static void
csv_free(Writer *base)
{
    CsvWriter *writer = (CsvWriter *)base;

    csv_output_release(&writer->output);
    buffer_release(&writer->scratch);
    free(writer->walks);
    free(writer);
}

static bool
csv_open(const FormatOptions *options, Sink *sink, Writer **out, Error *err)
{
    const Schema *schema = options->schema;

    *out = NULL;
    if (schema->column_count == 0)
        return error_set(err, ERR_UNSUPPORTED, "a result without columns has no csv form");
    CsvWriter *writer = memory_alloc_zero(1, sizeof(*writer));
    writer->base = (Writer){.driver = &CSV_DRIVER, .sink = sink};
    writer->schema = schema;
    writer->style = cell_style(options->csv, schema->column_count);
    writer->walks = memory_alloc_zero(schema->column_count, sizeof(*writer->walks));
    writer->max_file_size_bytes = options->max_file_size_bytes;
    writer->split_step_rows = size_max(options->split_step_rows, 1);
    for (size_t i = 0; i < schema->column_count; i++)
        writer->row_bytes +=
            size_max(cell_fixed_bytes(&schema->columns[i].type), writer->style.null_length + 1);
    if (!csv_output_init(&writer->output, sink, options->compression, options->compression_level,
                         writer->row_bytes, err) ||
        (options->csv->has_header && !put_header(writer, err))) {
        csv_free(&writer->base);
        return false;
    }
    *out = &writer->base;
    return true;
}

static void
start_walks(CsvWriter *writer, const Batch *batch, size_t first_row)
{
    for (size_t i = 0; i < batch->column_count; i++) {
        const Column *column = &batch->columns[i];
        CellWalk walk = {.column = column, .value = column_value_index(column, first_row)};
        if (column->storage == STORAGE_LIST)
            walk.element = column_value_index(column->element, column->offsets[walk.value]);
        writer->walks[i] = walk;
    }
}

static bool
put_row(CsvWriter *writer, size_t row, Error *err)
{
    const CellStyle *style = &writer->style;
    CsvOutput *output = &writer->output;
    size_t column_count = writer->schema->column_count;

    if (!csv_output_reserve(output, writer->row_bytes, err))
        return false;
    for (size_t i = 0; i < column_count; i++) {
        CellWalk *walk = &writer->walks[i];
        if (column_is_valid(walk->column, row)) {
            if (!cell_put(style, walk, &writer->scratch, writer->row_bytes, output, err))
                return error_add_context(err, "column=%s", writer->schema->columns[i].name);
        } else {
            memcpy(output->room + output->used, style->null_text, style->null_length);
            output->used += style->null_length;
        }
        output->room[output->used++] = style->delimiter;
    }
    output->room[output->used - 1] = '\n';
    return true;
}

static bool
csv_write(Writer *base, const Batch *batch, size_t first_row, size_t *taken_to, bool *is_full,
          Error *err)
{
    CsvWriter *writer = (CsvWriter *)base;
    size_t row = first_row;

    *is_full = false;
    *taken_to = first_row;
    start_walks(writer, batch, first_row);
    while (row < batch->row_count && !*is_full) {
        if (!put_row(writer, row, err))
            return false;
        row++;
        base->row_count++;
        *is_full = writer->max_file_size_bytes > 0 &&
                   base->row_count % writer->split_step_rows == 0 &&
                   csv_output_size(&writer->output) >= writer->max_file_size_bytes;
    }
    *taken_to = row;
    return true;
}

static bool
csv_finish(Writer *base, Error *err)
{
    return csv_output_finish(&((CsvWriter *)base)->output, err);
}

const FormatDriver CSV_DRIVER = {
    .kind = FORMAT_CSV,
    .open = csv_open,
    .write = csv_write,
    .finish = csv_finish,
    .free = csv_free,
};
