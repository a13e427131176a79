/* Mutated Parquet files against every way rivet reads one.
 *
 * Seeds: tests/fuzz/parquet_read/make_seeds.py FOLDER, then fuzz_parquet_read FOLDER. */
#include "format/parquet/column_read.h"
#include "format/parquet/inspect.h"
#include "format/parquet/verify.h"

/* A file of a few bytes may claim 2^31 values in one run: reading them all would only take time. */
enum { VALUES_MAX = 100000, PAGE_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

typedef struct Bytes {
    const uint8_t *data;
} Bytes;

static bool
read_bytes(void *context, uint64_t offset, void *to, size_t size_bytes, Error *err)
{
    const Bytes *bytes = context;

    (void)err;
    if (size_bytes > 0)
        memcpy(to, bytes->data + offset, size_bytes);
    return true;
}

/* Touches every byte of every value, so that a view of the wrong memory is seen. */
static uint64_t
sum_batch(PhysicalType type, const ColumnBatch *batch)
{
    uint64_t sum = 0;

    if (type != PHYSICAL_BYTE_ARRAY && type != PHYSICAL_FIXED && type != PHYSICAL_INT96) {
        const uint8_t *bytes = batch->values;
        for (size_t i = 0; i < batch->value_count * value_slot_bytes(type); i++)
            sum += bytes[i];
        return sum;
    }
    const BytesView *views = batch->values;
    for (size_t i = 0; i < batch->value_count; i++) {
        for (size_t k = 0; k < views[i].size; k++)
            sum += views[i].data[k];
    }
    return sum;
}

static uint64_t
read_column(const ParquetFile *file, size_t row_group, size_t leaf, bool is_strict)
{
    ColumnReader *reader = NULL;
    ColumnBatch batch;
    bool has_batch = true;
    uint64_t sum = 0;
    Error err = ERROR_INIT;

    bool ok = column_reader_open(file, row_group, leaf, is_strict, &reader, &err);
    while (ok && has_batch) {
        ok = column_reader_next(reader, &batch, &has_batch, &err);
        if (ok && has_batch)
            sum += sum_batch(file->leaves[leaf].type, &batch);
    }
    if (!ok && err.code == ERR_NONE)
        abort(); /* a failure must say why */
    column_reader_free(reader);
    return sum;
}

static uint64_t
read_columns(const ParquetFile *file)
{
    uint64_t sum = 0;

    for (size_t g = 0; g < file->row_group_count; g++) {
        for (size_t i = 0; i < file->leaf_count; i++) {
            if (file->row_groups[g].columns[i].chunk.meta.value_count > VALUES_MAX)
                continue;
            sum += read_column(file, g, i, false);
            sum += read_column(file, g, i, true);
        }
    }
    return sum;
}

static bool
is_small(const ParquetFile *file)
{
    int64_t values = 0;

    for (size_t g = 0; g < file->row_group_count; g++) {
        for (size_t i = 0; i < file->leaf_count; i++) {
            int64_t count = file->row_groups[g].columns[i].chunk.meta.value_count;
            if (count > VALUES_MAX)
                return false;
            values += count > 0 ? count : 0;
        }
    }
    return values <= VALUES_MAX * 10;
}

static void
inspect(const Readable *from, bool as_json)
{
    char *text = NULL;
    size_t size = 0;
    Error err = ERROR_INIT;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        abort();
    if (!parquet_inspect(from, "fuzz", as_json, out, &err) && err.code == ERR_NONE)
        abort();
    fclose(out);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    ReadLimits limits = READ_LIMITS_DEFAULT;
    Bytes source = {bytes};
    Readable from = {.read = read_bytes, .context = &source, .size_bytes = size_bytes};
    ParquetFile file;
    Error err = ERROR_INIT;

    limits.page_max_bytes = PAGE_BYTES_MAX;
    if (parquet_file_open(&file, &from, &limits, &err)) {
        VerifyExpectation want = {.row_count = (uint64_t)file.row_count};
        if (is_small(&file))
            read_columns(&file);
        error_clear(&err);
        if (is_small(&file) && !parquet_verify_file(&file, &want, &err) && err.code == ERR_NONE)
            abort();
        parquet_file_release(&file);
        inspect(&from, false);
        inspect(&from, true);
    } else if (err.code == ERR_NONE) {
        abort();
    }
    return 0;
}
