#include "../../test.h"

#include "support/parquet_write.h"
#include "util/memory.h"

static const struct {
    const char *name;
    size_t batch_rows;
    bool is_ragged;
    int64_t threads;
} CUTS[] = {
    {"batches of 1,024 rows", 1024, false, 0}, {"single rows", 1, false, 0},
    {"batches of 37 rows", 37, false, 0},      {"batches of all rows", 1 << 20, false, 0},
    {"ragged batches", 5000, true, 0},         {"one helper", 777, false, 1},
    {"three helpers", 4096, false, 3},         {"ragged batches, two helpers", 3000, true, 2},
};

static void
assert_same_files(const WrittenFiles *want, const WrittenFiles *got, const char *name)
{
    if (want->count != got->count)
        fail_msg("%s: %zu files instead of %zu", name, got->count, want->count);
    for (size_t i = 0; i < want->count; i++) {
        const Buffer *a = &want->files[i];
        const Buffer *b = &got->files[i];
        if (a->size != b->size || memcmp(a->data, b->data, a->size) != 0)
            fail_msg("%s: file %zu differs (%zu and %zu bytes)", name, i, b->size, a->size);
    }
}

static void
check_cuts(const RowSet *set, uint64_t row_count, WriteCase how)
{
    WrittenFiles first;
    Error err = ERROR_INIT;

    for (size_t i = 0; i < ARRAY_LENGTH(CUTS); i++) {
        WrittenFiles files;
        how.batch_rows = CUTS[i].batch_rows;
        how.has_ragged_batches = CUTS[i].is_ragged;
        how.config.encode_threads = CUTS[i].threads;
        assert_ok(write_rows(set, row_count, &how, &files, &err), &err);
        if (i == 0) {
            first = files;
            continue;
        }
        assert_same_files(&first, &files, CUTS[i].name);
        written_files_release(&files);
    }
    written_files_release(&first);
}

static void
bytes_do_not_depend_on_batches_or_threads(void **state)
{
    static const struct {
        ParquetEncodingProfile profile;
        Compression compression;
        unsigned null_percent;
        size_t memory_mb;
        uint64_t max_file_size_bytes;
        size_t split_step_rows;
    } CASES[] = {
        {ENCODING_COMPAT, COMPRESSION_ZSTD, 20, 64, 0, 1000},
        {ENCODING_MODERN, COMPRESSION_LZ4, 0, 64, 0, 1000},
        /* Small budgets: many pages, dictionaries that fill up, several row groups. */
        {ENCODING_COMPAT, COMPRESSION_NONE, 1, 8, 0, 1000},
        {ENCODING_MODERN, COMPRESSION_SNAPPY, 60, 8, 2000000, 300},
        {ENCODING_COMPAT, COMPRESSION_ZSTD, 5, 8, 1000000, 1024},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        RowSet set;
        WriteCase how = write_case_default();
        how.config.encoding = CASES[i].profile;
        how.compression = CASES[i].compression;
        how.memory_bytes = CASES[i].memory_mb << 20;
        how.max_file_size_bytes = CASES[i].max_file_size_bytes;
        how.split_step_rows = CASES[i].split_step_rows;
        row_set_init(&set, i, CASES[i].null_percent, true);
        check_cuts(&set, 12000, how);
        row_set_release(&set);
    }
}

/* Every file but the last has at least its limit, and little more. */
static void
files_split_at_their_size(void **state)
{
    static const struct {
        uint64_t limit_bytes;
        Compression compression;
        ParquetEncodingProfile profile;
    } CASES[] = {
        {1000000, COMPRESSION_NONE, ENCODING_COMPAT},
        {1000000, COMPRESSION_ZSTD, ENCODING_COMPAT},
        {3000000, COMPRESSION_ZSTD, ENCODING_MODERN},
        {3000000, COMPRESSION_GZIP, ENCODING_COMPAT},
    };
    RowSet set;
    const uint64_t rows = 30000;

    (void)state;
    row_set_init(&set, 3, 10, false);
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        WriteCase how = write_case_default();
        WrittenFiles files;
        Error err = ERROR_INIT;
        uint64_t total = 0;
        how.compression = CASES[i].compression;
        how.config.encoding = CASES[i].profile;
        how.max_file_size_bytes = CASES[i].limit_bytes;
        how.split_step_rows = 250;
        assert_ok(write_rows(&set, rows, &how, &files, &err), &err);
        assert_true(files.count > 1);
        for (size_t f = 0; f < files.count; f++) {
            total += files.row_counts[f];
            if (f + 1 == files.count)
                continue;
            assert_int_equal(files.row_counts[f] % how.split_step_rows, 0);
            assert_in_range(files.files[f].size, CASES[i].limit_bytes,
                            CASES[i].limit_bytes * 12 / 10);
        }
        assert_int_equal(total, rows);
        written_files_release(&files);
    }
    row_set_release(&set);
}

static void
a_file_without_rows_has_no_row_group(void **state)
{
    RowSet set;
    WriteCase how = write_case_default();
    WrittenFiles files;
    Error err = ERROR_INIT;

    (void)state;
    row_set_init(&set, 0, 0, true);
    assert_ok(write_rows(&set, 0, &how, &files, &err), &err);
    assert_int_equal(files.count, 1);
    assert_memory_equal(files.files[0].data, "PAR1", 4);
    assert_memory_equal(files.files[0].data + files.files[0].size - 4, "PAR1", 4);
    written_files_release(&files);
    row_set_release(&set);
}

static void
equal_names_are_refused(void **state)
{
    const ColumnSchema columns[] = {
        {.name = "a", .type = {.kind = TYPE_INT32}},
        {.name = "b", .type = {.kind = TYPE_INT32}},
        {.name = "a", .type = {.kind = TYPE_TEXT}},
    };
    const Schema schema = {.columns = columns, .column_count = ARRAY_LENGTH(columns)};
    WriteCase how = write_case_default();
    FormatOptions options = {.schema = &schema, .parquet = &how.config};
    Buffer bytes = {0};
    Sink sink;
    Writer *writer = NULL;
    Error err = ERROR_INIT;

    (void)state;
    sink_init(&sink, write_to_buffer, &bytes);
    assert_error(PARQUET_DRIVER.open(&options, &sink, &writer, &err), &err, ERR_CONFIG, "\"a\"");
    sink_release(&sink);
    buffer_release(&bytes);
}

static bool
refuse_after(void *limit, const void *bytes, size_t size_bytes, Error *err)
{
    size_t *left = limit;

    (void)bytes;
    if (size_bytes > *left)
        return error_set(err, ERR_IO, "the disk is full");
    *left -= size_bytes;
    return true;
}

/* Wherever the sink fails, with and without helpers: its error, and no leak. */
static void
sink_errors_come_back(void **state)
{
    RowSet set;
    Batch batch;

    (void)state;
    row_set_init(&set, 5, 10, true);
    batch_init(&batch, &set.schema, 3000, SIZE_MAX);
    row_set_fill(&set, 0, 3000, &batch);
    for (size_t room = 0; room < 600000; room += 50001) {
        WriteCase how = write_case_default();
        how.config.encode_threads = (int64_t)(room % 3);
        FormatOptions options = {.schema = &set.schema, .parquet = &how.config, .memory_bytes = 1};
        size_t left = room;
        size_t taken = 0;
        bool is_full = false;
        Sink sink;
        Writer *writer = NULL;
        Error err = ERROR_INIT;
        sink_init(&sink, refuse_after, &left);
        bool ok = PARQUET_DRIVER.open(&options, &sink, &writer, &err) &&
                  format_write(writer, &batch, 0, &taken, &is_full, &err) &&
                  format_finish(writer, &err);
        assert_error(ok, &err, ERR_IO, "the disk is full");
        format_free(writer);
        sink_release(&sink);
    }
    batch_release(&batch);
    row_set_release(&set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_do_not_depend_on_batches_or_threads),
        cmocka_unit_test(files_split_at_their_size),
        cmocka_unit_test(a_file_without_rows_has_no_row_group),
        cmocka_unit_test(equal_names_are_refused),
        cmocka_unit_test(sink_errors_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
