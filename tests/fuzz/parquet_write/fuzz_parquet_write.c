/* bytes → schema, rows and settings → Parquet files → own reader, which must see the same rows and
 * find nothing wrong with page, footer, index and bounds. Then the same rows in other batches and
 * with a helper thread: the same bytes.
 *
 * Input: 8 bytes of settings, 2 per column, then bytes the values are cut from. */
#include "format/parquet/parquet.h"
#include "support/parquet_compare.h"
#include "util/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SETTING_BYTES = 8, COLUMNS_MAX = 4, FILES_MAX = 256, WINDOW = 64, LIST_MAX = 6 };

static const Type TYPES[] = {
    {.kind = TYPE_BOOL},   {.kind = TYPE_INT8},
    {.kind = TYPE_INT32},  {.kind = TYPE_INT64},
    {.kind = TYPE_UINT16}, {.kind = TYPE_UINT32},
    {.kind = TYPE_UINT64}, {.kind = TYPE_FLOAT},
    {.kind = TYPE_DOUBLE}, {.kind = TYPE_DECIMAL, .precision = 5, .scale = 2},
    {.kind = TYPE_DATE},   {.kind = TYPE_DECIMAL, .precision = 19},
    {.kind = TYPE_TEXT},   {.kind = TYPE_DECIMAL, .precision = 38},
    {.kind = TYPE_BINARY}, {.kind = TYPE_UUID},
};

typedef struct FuzzColumn {
    uint8_t stride;       /* bytes from one row's value to the next; 0: one value */
    uint8_t null_percent; /* of 128 */
    char name[4];
} FuzzColumn;

typedef struct Case {
    ColumnSchema columns[COLUMNS_MAX];
    FuzzColumn details[COLUMNS_MAX];
    Schema schema;
    const uint8_t *bytes;
    size_t size;
    ParquetConfig config;
    FormatOptions options;
    size_t row_count;
    size_t batch_rows;
} Case;

typedef struct Files {
    Buffer bytes[FILES_MAX];
    size_t rows[FILES_MAX];
    size_t count;
} Files;

static void
read_settings(Case *fuzz, const uint8_t *data)
{
    fuzz->config = (ParquetConfig){
        .encoding = data[0] & 1 ? ENCODING_MODERN : ENCODING_COMPAT,
        .row_group_mb = 1,
        .page_kb = 1 + (data[1] & 0x1F),
        .dictionary = (data[0] & 2) == 0,
        .statistics = (data[0] & 4) == 0,
        .spark_compat = (data[0] & 8) != 0,
    };
    fuzz->row_count = 1 + (size_t)(data[2] | (data[3] & 0x1F) << 8);
    fuzz->batch_rows = 1 + (size_t)data[4] * 7;
    fuzz->options = (FormatOptions){
        .schema = &fuzz->schema,
        .parquet = &fuzz->config,
        .compression = (Compression)(data[5] % (COMPRESSION_NONE + 1)),
        .max_file_size_bytes = data[6] < 128 ? 0 : (uint64_t)(data[6] - 127) * 3000,
        .split_step_rows = 1 + (size_t)data[7] * 5,
        .memory_bytes = 1,
    };
}

/* False when the input is too short to mean anything. */
static bool
read_case(Case *fuzz, const uint8_t *data, size_t size)
{
    if (size < SETTING_BYTES + 2 + 1)
        return false;
    read_settings(fuzz, data);
    size_t count = 1 + (data[0] >> 4) % COLUMNS_MAX;
    data += SETTING_BYTES;
    size -= SETTING_BYTES;
    for (size_t i = 0; i < count && size > 2; i++, data += 2, size -= 2) {
        size_t kind = data[0] & 0x0F;
        bool is_list = (data[0] & 0x10) != 0;
        FuzzColumn *detail = &fuzz->details[i];
        detail->stride = data[0] >> 5;
        detail->null_percent = data[1] & 0x7F;
        snprintf(detail->name, sizeof(detail->name), "c%u", (unsigned)i % 10);
        fuzz->columns[i] = (ColumnSchema){
            .name = detail->name,
            .type = is_list ? (Type){.kind = TYPE_LIST, .element = &TYPES[kind]} : TYPES[kind],
            .is_required = !is_list && data[1] == 0,
        };
        fuzz->schema.column_count++;
    }
    fuzz->schema.columns = fuzz->columns;
    fuzz->bytes = data;
    fuzz->size = size;
    return true;
}

/* The bytes a value is made of, the same in every run over this input. */
static void
cut_window(const Case *fuzz, size_t column, size_t row, size_t part, uint8_t window[WINDOW])
{
    size_t start = row * fuzz->details[column].stride + column * 13 + part * 5;

    for (size_t i = 0; i < WINDOW; i++)
        window[i] = (uint8_t)(fuzz->bytes[(start + i) % fuzz->size] +
                              (fuzz->details[column].stride == 7 ? row * (i < 3) : 0));
}

static void
append_bytes(Column *column, const uint8_t *window, bool is_text)
{
    static const char *const POINTS[] = {
        "a", "\x7F",     "\xDF\xBF",    "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF",
        "z", "\xC2\x80", "\xEF\xBF\xBF"};
    size_t units = window[0] < 200 ? window[0] % 24 : window[0];
    Error err = ERROR_INIT;

    uint8_t *to = column_reserve_bytes(column, units * 4, &err);
    if (to == NULL)
        abort();
    size_t size = 0;
    for (size_t i = 0; i < units; i++) {
        uint8_t unit = window[1 + i % (WINDOW - 1)];
        const char *point = POINTS[unit % 8];
        if (!is_text) {
            to[size++] = unit;
            continue;
        }
        memcpy(to + size, point, strlen(point));
        size += strlen(point);
    }
    column_commit_bytes(column, size);
}

static Int128
decimal_of(const uint8_t *window, unsigned precision)
{
    UInt128 limit = 1;
    UInt128 bits;

    while (precision-- > 0)
        limit *= 10;
    memcpy(&bits, window, sizeof(bits));
    return (Int128)(bits % limit) * (window[16] & 1 ? -1 : 1);
}

static void
append_decimal(Column *column, const uint8_t *window)
{
    Int128 value = decimal_of(window, column->type->precision);

    if (column->storage == STORAGE_I32)
        column_append_i32(column, (int32_t)value);
    else
        column_append_i128(column, value);
}

static void
append_value(Column *column, const uint8_t *window)
{
    int32_t narrow;
    int64_t wide;
    float f32;
    double f64;

    memcpy(&narrow, window, sizeof(narrow));
    memcpy(&wide, window, sizeof(wide));
    memcpy(&f32, window, sizeof(f32));
    memcpy(&f64, window, sizeof(f64));
    switch (column->type->kind) {
    case TYPE_BOOL:
        column_append_bool(column, window[0] & 1);
        return;
    case TYPE_INT8:
        column_append_i32(column, (int8_t)window[0]);
        return;
    case TYPE_UINT16:
        column_append_i32(column, narrow & 0xFFFF);
        return;
    case TYPE_FLOAT:
        column_append_f32(column, f32);
        return;
    case TYPE_DOUBLE:
        column_append_f64(column, f64);
        return;
    case TYPE_DECIMAL:
        append_decimal(column, window);
        return;
    case TYPE_TEXT:
    case TYPE_BINARY:
        append_bytes(column, window, column->type->kind == TYPE_TEXT);
        return;
    case TYPE_UUID:
        column_append_fixed16(column, window);
        return;
    default:
        if (column->storage == STORAGE_I32)
            column_append_i32(column, narrow);
        else
            column_append_i64(column, wide);
        return;
    }
}

static void
append_list(const Case *fuzz, size_t i, size_t row, uint8_t length, Column *column)
{
    uint8_t window[WINDOW];

    for (size_t part = 1; part <= length % LIST_MAX; part++) {
        cut_window(fuzz, i, row, part, window);
        if (window[20] % 128 < fuzz->details[i].null_percent)
            column_append_null(column->element);
        else
            append_value(column->element, window);
    }
    column_end_list(column);
}

static void
fill(const Case *fuzz, size_t first, size_t count, Batch *batch)
{
    uint8_t window[WINDOW];

    for (size_t i = 0; i < batch->column_count; i++)
        for (size_t row = first; row < first + count; row++) {
            Column *column = &batch->columns[i];
            cut_window(fuzz, i, row, 0, window);
            if (window[20] % 128 < fuzz->details[i].null_percent)
                column_append_null(column);
            else if (column->storage == STORAGE_LIST)
                append_list(fuzz, i, row, window[21], column);
            else
                append_value(column, window);
        }
    batch->row_count += count;
}

static bool
to_buffer(void *buffer, const void *bytes, size_t size, Error *err)
{
    (void)err;
    buffer_append(buffer, bytes, size);
    return true;
}

static void
must(bool ok, const Error *err)
{
    if (!ok) {
        fprintf(stderr, "%s%s\n", err->context, err->message);
        abort();
    }
}

typedef struct Output {
    Sink sink;
    Writer *writer;
} Output;

static void
finish(Output *output, Files *files)
{
    Error err = ERROR_INIT;

    must(format_finish(output->writer, &err), &err);
    files->rows[files->count++] = (size_t)output->writer->row_count;
    format_free(output->writer);
    sink_release(&output->sink);
    output->writer = NULL;
}

/* Stops when there are too many files. */
static void
write_batch(const Case *fuzz, const Batch *batch, Output *output, Files *files)
{
    Error err = ERROR_INIT;

    for (size_t done = 0; done < batch->row_count && files->count < FILES_MAX;) {
        bool is_full = false;
        if (output->writer == NULL) {
            sink_init(&output->sink, to_buffer, &files->bytes[files->count]);
            must(PARQUET_DRIVER.open(&fuzz->options, &output->sink, &output->writer, &err), &err);
        }
        must(format_write(output->writer, batch, done, &done, &is_full, &err), &err);
        if (is_full)
            finish(output, files);
    }
}

static void
write_files(const Case *fuzz, Files *files)
{
    Output output = {0};
    Batch batch;

    batch_init(&batch, &fuzz->schema, fuzz->batch_rows, SIZE_MAX);
    for (size_t first = 0; first < fuzz->row_count; first += fuzz->batch_rows) {
        fill(fuzz, first, size_min(fuzz->batch_rows, fuzz->row_count - first), &batch);
        write_batch(fuzz, &batch, &output, files);
        batch_reset(&batch);
    }
    if (output.writer != NULL && files->count < FILES_MAX)
        finish(&output, files);
    batch_release(&batch);
}

static void
release_files(Files *files)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        buffer_release(&files->bytes[i]);
    free(files);
}

static void
check_rows(const Case *fuzz, const Files *files)
{
    Batch batch;
    size_t first = 0;
    Error err = ERROR_INIT;

    batch_init(&batch, &fuzz->schema, SIZE_MAX, SIZE_MAX);
    fill(fuzz, 0, fuzz->row_count, &batch);
    for (size_t i = 0; i < files->count; i++) {
        must(compare_file(&files->bytes[i], &batch, first, files->rows[i], &err), &err);
        first += files->rows[i];
    }
    if (files->count < FILES_MAX && first != fuzz->row_count)
        abort();
    batch_release(&batch);
}

static void
check_same_bytes(Case *fuzz, const Files *files)
{
    Files *again = memory_alloc_zero(1, sizeof(*again));

    fuzz->batch_rows = fuzz->batch_rows % 1031 + 17;
    fuzz->config.encode_threads = 1;
    write_files(fuzz, again);
    if (again->count != files->count)
        abort();
    for (size_t i = 0; i < files->count; i++)
        if (again->bytes[i].size != files->bytes[i].size ||
            memcmp(again->bytes[i].data, files->bytes[i].data, files->bytes[i].size) != 0)
            abort();
    release_files(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Case fuzz = {0};

    if (!read_case(&fuzz, data, size))
        return 0;
    Files *files = memory_alloc_zero(1, sizeof(*files));
    write_files(&fuzz, files);
    check_rows(&fuzz, files);
    if (data[0] % 4 == 0)
        check_same_bytes(&fuzz, files);
    release_files(files);
    return 0;
}
