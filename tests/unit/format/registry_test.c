#include "../test.h"

#include "format/format.h"

static void
every_kind_has_its_names(void **state)
{
    static const struct {
        FormatKind kind;
        Compression compression;
        const char *want;
    } CASES[] = {
        {FORMAT_PARQUET, COMPRESSION_ZSTD, "parquet"},
        {FORMAT_PARQUET, COMPRESSION_GZIP, "parquet"},
        {FORMAT_PARQUET, COMPRESSION_NONE, "parquet"},
        {FORMAT_CSV, COMPRESSION_NONE, "csv"},
        {FORMAT_CSV, COMPRESSION_GZIP, "csv.gz"},
        {FORMAT_CSV, COMPRESSION_ZSTD, "csv.zst"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        assert_string_equal(format_extension(CASES[i].kind, CASES[i].compression), CASES[i].want);
}

static bool
keep_nothing(void *receiver, const void *bytes, size_t size_bytes, Error *err)
{
    (void)receiver;
    (void)bytes;
    (void)size_bytes;
    (void)err;
    return true;
}

static void
open_leads_to_the_driver_of_the_kind(void **state)
{
    static const FormatKind KINDS[] = {FORMAT_PARQUET, FORMAT_CSV};
    static const ColumnSchema COLUMN = {.name = "id", .type = {.kind = TYPE_INT32}};
    static const Schema SCHEMA = {.columns = &COLUMN, .column_count = 1};
    static const CsvConfig CSV = {.delimiter = ',', .has_header = true};
    static const ParquetConfig PARQUET = {.row_group_mb = 128, .page_kb = 1024};
    const FormatOptions options = {
        .schema = &SCHEMA,
        .csv = &CSV,
        .parquet = &PARQUET,
        .compression = COMPRESSION_NONE,
        .split_step_rows = 1000,
        .memory_bytes = 64 << 20,
    };
    Batch batch;
    (void)state;

    batch_init(&batch, &SCHEMA, 10, SIZE_MAX);
    column_append_i32(&batch.columns[0], 1);
    batch_end_row(&batch, 4);
    for (size_t i = 0; i < ARRAY_LENGTH(KINDS); i++) {
        Error err = ERROR_INIT;
        Sink sink;
        Writer *writer = NULL;
        size_t taken = 0;
        bool is_full = false;
        sink_init(&sink, keep_nothing, NULL);
        assert_ok(format_open(KINDS[i], &options, &sink, &writer, &err), &err);
        assert_int_equal(writer->driver->kind, KINDS[i]);
        assert_ok(format_write(writer, &batch, 0, &taken, &is_full, &err), &err);
        assert_int_equal(taken, 1);
        assert_ok(format_finish(writer, &err), &err);
        assert_true(sink.size_bytes > 0);
        format_free(writer);
        sink_release(&sink);
    }
    batch_release(&batch);
}

static bool
read_text(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    (void)err;
    memcpy(bytes, (const char *)context + offset, size_bytes);
    return true;
}

static void
verify_reads_by_kind(void **state)
{
    static char FILE_TEXT[] = "id\n1\n2\n";
    static const CsvConfig CSV = {.delimiter = ',', .has_header = true};
    VerifyExpectation want = {
        .kind = FORMAT_CSV, .compression = COMPRESSION_NONE, .csv = &CSV, .row_count = 2};
    const Readable file = {
        .read = read_text, .context = FILE_TEXT, .size_bytes = sizeof(FILE_TEXT) - 1};
    Error err = ERROR_INIT;
    (void)state;

    assert_ok(format_verify(&file, &want, &err), &err);
    want.kind = FORMAT_PARQUET;
    assert_error(format_verify(&file, &want, &err), &err, ERR_CHECK, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_names),
        cmocka_unit_test(open_leads_to_the_driver_of_the_kind),
        cmocka_unit_test(verify_reads_by_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
