#include "format/parquet/inspect.h"

#include "format/parquet/codec.h"
#include "format/parquet/inspect_json.h"
#include "format/parquet/inspect_value.h"
#include "format/parquet/page_index_read.h"

enum { NAME_WIDTH_MAX = 40, PATH_BYTES = 512 };

/* One line of text is made in `line` and written whole. */
typedef struct TextOut {
    FILE *out;
    Buffer line;
    int name_width;
} TextOut;

static void
end_line(TextOut *text)
{
    buffer_append_byte(&text->line, '\n');
    fwrite(text->line.data, 1, text->line.size, text->out);
    buffer_reset(&text->line);
}

static void
put_path(TextOut *text, const ParquetFile *file, size_t leaf)
{
    char path[PATH_BYTES];
    size_t start = text->line.size;

    leaf_path(file, leaf, path, sizeof(path));
    printable_text((BytesView){(const uint8_t *)path, strlen(path)}, &text->line);
    while (text->line.size - start < (size_t)text->name_width)
        buffer_append_byte(&text->line, ' ');
}

static void
put_file(TextOut *text, const ParquetFile *file, const char *name)
{
    Buffer *line = &text->line;

    printable_text((BytesView){(const uint8_t *)name, strlen(name)}, line);
    end_line(text);
    buffer_append_format(line,
                         "  %" PRIu64 " bytes, footer %" PRIu32 ", version %" PRId32 ", %" PRId64
                         " rows in %zu row groups, %zu columns",
                         file->from->size_bytes, file->footer_size, file->version, file->row_count,
                         file->row_group_count, file->leaf_count);
    end_line(text);
    if (file->created_by.data != NULL) {
        buffer_append_text(line, "  written by ");
        printable_text(file->created_by, line);
        end_line(text);
    }
    for (size_t i = 0; i < file->key_value_count; i++) {
        buffer_append_text(line, "  key ");
        printable_text(file->key_values[i].key, line);
        buffer_append_format(line, ", %zu bytes", file->key_values[i].value.size);
        end_line(text);
    }
}

static size_t
depth_of(const ParquetFile *file, size_t element)
{
    size_t depth = 0;

    for (; element != 0; element = file->parents[element])
        depth++;
    return depth;
}

static void
put_schema(TextOut *text, const ParquetFile *file)
{
    Buffer *line = &text->line;

    buffer_append_text(line, "schema");
    end_line(text);
    for (size_t i = 1; i < file->schema_count; i++) {
        const SchemaElement *element = &file->schema[i];
        bool is_group = element->child_count > 0 || element->type < 0;
        for (size_t k = depth_of(file, i); k > 0; k--)
            buffer_append_text(line, "  ");
        printable_text(element->name, line);
        buffer_append_format(line, ": %s %s", repetition_name(element->repetition),
                             is_group ? "group" : physical_type_name(element->type));
        if (element->type == PHYSICAL_FIXED)
            buffer_append_format(line, "(%" PRId32 ")", element->type_length);
        buffer_append_byte(line, ' ');
        logical_type_text(element, line);
        if (line->data[line->size - 1] == ' ')
            line->size--;
        end_line(text);
    }
}

static void
put_statistics(Buffer *line, const Statistics *statistics, const SchemaElement *element)
{
    if (statistics->has_null_count)
        buffer_append_format(line, ", nulls %" PRId64, statistics->null_count);
    if (statistics->has_nan_count && statistics->nan_count != 0)
        buffer_append_format(line, ", NaNs %" PRId64, statistics->nan_count);
    if (statistics->has_distinct_count)
        buffer_append_format(line, ", distinct %" PRId64, statistics->distinct_count);
    if (statistics->min_value.data != NULL && statistics->max_value.data != NULL) {
        buffer_append_text(line, ", from ");
        bound_text(element, statistics->min_value, line);
        buffer_append_text(line, " to ");
        bound_text(element, statistics->max_value, line);
    }
}

static bool
put_page_index(Buffer *line, const ParquetFile *file, const ColumnChunk *chunk, Error *err)
{
    PageIndex index;

    if (!page_index_read(&index, file, chunk, err))
        return false;
    if (index.offsets.is_present)
        buffer_append_format(line, ", %zu pages", index.offsets.page_count);
    if (index.offsets.is_present || index.bounds.is_present)
        buffer_append_format(line, ", page index %" PRId64 " bytes",
                             (int64_t)(index.offsets.is_present ? chunk->offset_index_length : 0) +
                                 (index.bounds.is_present ? chunk->column_index_length : 0));
    if (index.bounds.is_present)
        buffer_append_format(line, " with bounds (%s)",
                             boundary_order_name(index.bounds.boundary_order));
    page_index_release(&index);
    return true;
}

static bool
put_column(TextOut *text, const ParquetFile *file, const FooterColumn *column, size_t leaf,
           Error *err)
{
    const SchemaElement *element = &file->schema[file->leaves[leaf].element];
    const ColumnMetaData *meta = &column->chunk.meta;
    Buffer *line = &text->line;

    buffer_append_text(line, "  ");
    put_path(text, file, leaf);
    if (column->is_encrypted || !column->has_meta) {
        buffer_append_text(line, "  encrypted");
        end_line(text);
        return true;
    }
    buffer_append_format(line, "  %s %s ", physical_type_name(meta->type), codec_name(meta->codec));
    encodings_text(meta->encodings, line);
    buffer_append_format(line, ", %" PRId64 " bytes of %" PRId64 ", values %" PRId64,
                         meta->compressed_size, meta->uncompressed_size, meta->value_count);
    put_statistics(line, &meta->statistics, element);
    if (!put_page_index(line, file, &column->chunk, err)) {
        buffer_reset(line);
        return error_add_context(err, "leaf=%zu", leaf);
    }
    int64_t bloom_bytes = bloom_filter_bytes(file, meta);
    if (bloom_bytes > 0)
        buffer_append_format(line, ", bloom filter %" PRId64 " bytes", bloom_bytes);
    end_line(text);
    return true;
}

static bool
put_row_group(TextOut *text, const ParquetFile *file, size_t number, Error *err)
{
    const FooterRowGroup *group = &file->row_groups[number];
    Buffer *line = &text->line;

    buffer_append_format(line, "row group %zu: %" PRId64 " rows, ", number, group->row_count);
    if (group->compressed_size >= 0)
        buffer_append_format(line, "%" PRId64 " bytes of ", group->compressed_size);
    buffer_append_format(line, "%" PRId64 " uncompressed", group->uncompressed_size);
    for (size_t i = 0; i < group->sorting_count; i++)
        buffer_append_format(line, "%s%" PRId32 "%s", i == 0 ? ", sorted by column " : ", ",
                             group->sorting[i].column,
                             group->sorting[i].is_descending ? " descending" : "");
    end_line(text);
    for (size_t i = 0; i < file->leaf_count; i++) {
        if (!put_column(text, file, &group->columns[i], i, err))
            return error_add_context(err, "row_group=%zu", number);
    }
    return true;
}

static int
width_of_names(const ParquetFile *file)
{
    char path[PATH_BYTES];
    size_t width = 0;

    for (size_t i = 0; i < file->leaf_count; i++) {
        leaf_path(file, i, path, sizeof(path));
        width = size_max(width, strlen(path));
    }
    return (int)size_min(width, NAME_WIDTH_MAX);
}

static bool
inspect_as_text(const ParquetFile *file, const char *name, FILE *out, Error *err)
{
    TextOut text = {.out = out, .name_width = width_of_names(file)};
    bool ok = true;

    put_file(&text, file, name);
    put_schema(&text, file);
    for (size_t i = 0; ok && i < file->row_group_count; i++)
        ok = put_row_group(&text, file, i, err);
    buffer_release(&text.line);
    return ok;
}

bool
parquet_inspect(const Readable *from, const char *name, bool as_json, FILE *out, Error *err)
{
    ParquetFile file = {0};
    bool ok = parquet_file_open(&file, from, NULL, err);

    if (ok)
        ok = as_json ? inspect_as_json(&file, name, out, err)
                     : inspect_as_text(&file, name, out, err);
    if (ok && (fflush(out) != 0 || ferror(out)))
        ok = error_set(err, ERR_IO, "cannot write the description");
    parquet_file_release(&file);
    return ok || error_add_context(err, "file=%s", name);
}
