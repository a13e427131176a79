/* parquet_fixture: writes Parquet files for the readers of tests/readers, with what is in them.
 *
 * parquet_fixture DIRECTORY ROWS NULL_PERCENT LISTS CODEC PROFILE THREADS MAX_FILE_SIZE BLOOM
 *                 [ROW_GROUP_MB PAGE_KB]
 *
 * LISTS is 0 (flat columns only), 1, 2 (the edges of row_set_add_edges as well), or 3 (the same
 * without the types that are not portable). Writes
 * DIRECTORY/data-<n>.parquet (one file unless a size limit splits it) and, once per row set,
 * DIRECTORY/expected.json: {"columns": [{"name", "kind", "precision", "scale", "is_list",
 * "values": […]}]}. A value is null or text: numbers as decimal digits (decimals unscaled), floats
 * as the hex digits of their bits, bytes and uuids as hex digits; a list is an array of those. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <jansson.h>

#include "batch/render.h"
#include "format/parquet/parquet.h"
#include "support/parquet_rows.h"
#include "util/memory.h"

enum { BATCH_ROWS = 3000 };

static _Noreturn void
die(const char *what, const Error *err)
{
    fprintf(stderr, "parquet_fixture: %s: %s %s\n", what,
            err == NULL ? strerror(errno) : err->context, err == NULL ? "" : err->message);
    exit(1);
}

static bool
write_fd(void *receiver, const void *bytes, size_t size, Error *err)
{
    const uint8_t *from = bytes;

    while (size > 0) {
        ssize_t n = write(*(int *)receiver, from, size);
        if (n < 0)
            return error_set_errno(err, ERR_IO, errno, "write");
        from += n;
        size -= (size_t)n;
    }
    return true;
}

typedef struct Output {
    const char *directory;
    int number;
    int fd;
    Sink sink;
    Writer *writer;
} Output;

static void
open_next(Output *output, const FormatOptions *options)
{
    Error err = ERROR_INIT;
    char *path = memory_format("%s/data-%d.parquet", output->directory, output->number++);

    output->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (output->fd < 0)
        die(path, NULL);
    free(path);
    sink_init(&output->sink, write_fd, &output->fd);
    if (!PARQUET_DRIVER.open(options, &output->sink, &output->writer, &err))
        die("open", &err);
}

static void
finish(Output *output)
{
    Error err = ERROR_INIT;

    if (!format_finish(output->writer, &err))
        die("finish", &err);
    format_free(output->writer);
    sink_release(&output->sink);
    close(output->fd);
    output->writer = NULL;
}

static void
write_files(const RowSet *set, const FormatOptions *options, uint64_t row_count,
            const char *directory)
{
    Output output = {.directory = directory};
    Error err = ERROR_INIT;
    Batch batch;

    batch_init(&batch, &set->schema, BATCH_ROWS, SIZE_MAX);
    open_next(&output, options);
    for (uint64_t first = 0; first < row_count; first += BATCH_ROWS) {
        size_t done = 0;
        row_set_fill(set, first, size_min(BATCH_ROWS, (size_t)(row_count - first)), &batch);
        while (done < batch.row_count) {
            bool is_full = false;
            if (output.writer == NULL)
                open_next(&output, options);
            if (!format_write(output.writer, &batch, done, &done, &is_full, &err))
                die("write", &err);
            if (is_full)
                finish(&output);
        }
        batch_reset(&batch);
    }
    if (output.writer != NULL)
        finish(&output);
    batch_release(&batch);
}

static json_t *
hex_of(const void *bytes, size_t size)
{
    Buffer text = {0};

    render_hex(bytes, size, &text);
    json_t *value = json_string(buffer_text(&text));
    buffer_release(&text);
    return value;
}

static json_t *
digits_of(Int128 value)
{
    char text[64];
    size_t size = render_decimal(value, 0, text);

    return json_stringn(text, size);
}

static json_t *
value_json(const Column *column, size_t i)
{
    bool is_unsigned = column->type->kind >= TYPE_UINT8 && column->type->kind <= TYPE_UINT64;

    switch (column->storage) {
    case STORAGE_BOOL:
        return digits_of(column->bools[i]);
    case STORAGE_I32:
        return digits_of(is_unsigned ? (Int128)(uint32_t)column->i32[i] : column->i32[i]);
    case STORAGE_I64:
        return digits_of(is_unsigned ? (Int128)(uint64_t)column->i64[i] : column->i64[i]);
    case STORAGE_I128:
        return digits_of(column->i128[i]);
    case STORAGE_F32:
        return hex_of(&column->f32[i], sizeof(float));
    case STORAGE_F64:
        return hex_of(&column->f64[i], sizeof(double));
    case STORAGE_FIXED16:
        return hex_of(column->fixed16 + 16 * i, 16);
    case STORAGE_BYTES:
        return hex_of(column->data + column->offsets[i],
                      column->offsets[i + 1] - column->offsets[i]);
    case STORAGE_LIST:
        break;
    }
    json_t *items = json_array();
    size_t first = column->offsets[i];
    size_t value = column_value_index(column->element, first);
    for (size_t row = first; row < column->offsets[i + 1]; row++)
        json_array_append_new(items, column_is_valid(column->element, row)
                                         ? value_json(column->element, value++)
                                         : json_null());
    return items;
}

static json_t *
column_json(const ColumnSchema *schema, const Column *column)
{
    const Type *type = schema->type.kind == TYPE_LIST ? schema->type.element : &schema->type;
    json_t *values = json_array();
    size_t value = 0;

    for (size_t row = 0; row < column->row_count; row++)
        json_array_append_new(values, column_is_valid(column, row) ? value_json(column, value++)
                                                                   : json_null());
    return json_pack("{s:s, s:s, s:i, s:i, s:b, s:o}", "name", schema->name, "kind",
                     schema->source_type, "precision", type->precision, "scale", type->scale,
                     "is_list", schema->type.kind == TYPE_LIST, "values", values);
}

static void
write_expected(const RowSet *set, uint64_t row_count, const char *directory)
{
    char *path = memory_format("%s/expected.json", directory);
    json_t *columns = json_array();
    Batch batch;

    batch_init(&batch, &set->schema, SIZE_MAX, SIZE_MAX);
    row_set_fill(set, 0, (size_t)row_count, &batch);
    for (size_t i = 0; i < batch.column_count; i++)
        json_array_append_new(columns, column_json(&set->columns[i], &batch.columns[i]));
    json_t *root = json_pack("{s:o}", "columns", columns);
    if (json_dump_file(root, path, JSON_COMPACT) != 0)
        die(path, NULL);
    json_decref(root);
    batch_release(&batch);
    free(path);
}

static Compression
codec_of_word(const char *word)
{
    static const char *const WORDS[] = {
        [COMPRESSION_ZSTD] = "zstd", [COMPRESSION_SNAPPY] = "snappy", [COMPRESSION_GZIP] = "gzip",
        [COMPRESSION_LZ4] = "lz4",   [COMPRESSION_NONE] = "none",
    };

    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++)
        if (strcmp(word, WORDS[i]) == 0)
            return (Compression)i;
    errno = EINVAL;
    die(word, NULL);
}

int
main(int argc, char **argv)
{
    if (argc < 10) {
        fputs("usage: parquet_fixture DIRECTORY ROWS NULL_PERCENT LISTS CODEC PROFILE THREADS "
              "MAX_FILE_SIZE BLOOM [ROW_GROUP_MB PAGE_KB]\n",
              stderr);
        return 2;
    }
    uint64_t row_count = strtoull(argv[2], NULL, 10);
    RowSet set;
    ParquetConfig config = {
        .encoding = strcmp(argv[6], "modern") == 0 ? ENCODING_MODERN : ENCODING_COMPAT,
        .row_group_mb = argc > 10 ? strtoll(argv[10], NULL, 10) : 128,
        .page_kb = argc > 11 ? strtoll(argv[11], NULL, 10) : 1024,
        .dictionary = true,
        .statistics = true,
        .encode_threads = strtoll(argv[7], NULL, 10),
    };

    unsigned null_percent = (unsigned)strtoul(argv[3], NULL, 10);
    row_set_init(&set, 1, null_percent, strcmp(argv[4], "0") != 0);
    if (strtoul(argv[4], NULL, 10) >= 2)
        row_set_add_edges(&set, null_percent);
    if (strcmp(argv[4], "3") == 0)
        row_set_keep_portable(&set);
    const char **names = memory_alloc_zero(set.schema.column_count, sizeof(*names));
    for (size_t i = 0; i < set.schema.column_count; i++)
        names[i] = set.columns[i].name;
    if (strcmp(argv[9], "1") == 0)
        config.bloom = (TextList){.items = names, .count = set.schema.column_count};
    FormatOptions options = {
        .schema = &set.schema,
        .parquet = &config,
        .compression = codec_of_word(argv[5]),
        .max_file_size_bytes = strtoull(argv[8], NULL, 10),
        .split_step_rows = 1000,
        .memory_bytes = (size_t)64 << 20,
    };
    write_files(&set, &options, row_count, argv[1]);
    write_expected(&set, row_count, argv[1]);
    free(names);
    row_set_release(&set);
    return 0;
}
