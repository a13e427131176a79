#include "../../test.h"

#include "support/parquet_compare.h"
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

/* What our reader reads, and checks in every page and index, is what was written. */
static void
compare_files(const RowSet *set, uint64_t row_count, const WrittenFiles *files)
{
    Batch batch;
    size_t first = 0;
    Error err = ERROR_INIT;

    batch_init(&batch, &set->schema, SIZE_MAX, SIZE_MAX);
    row_set_fill(set, 0, (size_t)row_count, &batch);
    for (size_t i = 0; i < files->count; i++) {
        size_t count = (size_t)files->row_counts[i];
        assert_ok(compare_file(&files->files[i], &batch, first, count, &err), &err);
        first += count;
    }
    assert_int_equal(first, row_count);
    batch_release(&batch);
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
            compare_files(set, row_count, &files);
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

static void
append_article(Column *column, uint64_t random, uint64_t row)
{
    enum { PIECE = 16, PIECES = 200 };
    char text[PIECE * PIECES + 1];
    Error err = ERROR_INIT;
    size_t pieces = row % 1000 == 999 ? 0 : PIECES / 2 + random % (PIECES / 2);

    for (size_t i = 0; i < pieces; i++)
        snprintf(text + i * PIECE, PIECE + 1, "%016" PRIx64, row_random(random, i, row, 1));
    if (!column_append_bytes(column, text, pieces * PIECE, &err))
        abort();
}

/* Without a codec pages of long text are filled where they are stored, over several row groups. */
static void
long_text_is_stored_as_it_was_filled(void **state)
{
    RowSet set;
    WriteCase how = write_case_default();

    (void)state;
    row_set_init(&set, 17, 5, false);
    for (size_t i = 0; i < set.schema.column_count; i++)
        if (set.columns[i].type.kind == TYPE_TEXT)
            set.details[i].append = append_article;
    how.compression = COMPRESSION_NONE;
    how.config.row_group_mb = 4;
    how.memory_bytes = (size_t)256 << 20; /* pages of some hundred KiB for this many columns */
    check_cuts(&set, 3000, how);
    row_set_release(&set);
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
        compare_files(&set, rows, &files);
        written_files_release(&files);
    }
    row_set_release(&set);
}

static const struct {
    const char *name;
    ParquetEncodingProfile profile;
    bool has_dictionary, has_statistics, has_bloom;
    unsigned null_percent;
    int64_t page_kb;
    size_t memory_mb;
    uint64_t rows;
} ROUND_TRIPS[] = {
    {"one row", ENCODING_COMPAT, true, true, true, 0, 1024, 64, 1},
    {"one row of NULL", ENCODING_MODERN, true, true, true, 100, 1024, 64, 1},
    {"only NULL", ENCODING_COMPAT, true, true, true, 100, 1024, 64, 30000},
    {"many NULL", ENCODING_MODERN, true, true, false, 97, 1024, 64, 25000},
    {"whole step", ENCODING_COMPAT, true, true, true, 3, 1024, 64, 1024},
    {"one more", ENCODING_MODERN, true, true, true, 3, 1024, 64, 1025},
    {"full page", ENCODING_COMPAT, false, true, true, 0, 1024, 64, 20480},
    {"no dictionary", ENCODING_MODERN, false, true, true, 20, 1024, 64, 21000},
    {"no statistics", ENCODING_COMPAT, true, false, false, 20, 1024, 64, 5000},
    {"tiny pages", ENCODING_COMPAT, true, true, true, 10, 1, 64, 9000},
    {"tiny pages, modern", ENCODING_MODERN, true, true, false, 10, 2, 8, 9000},
    {"many dictionaries that fill up", ENCODING_COMPAT, true, true, true, 0, 1024, 8, 40000},
};

static void
every_value_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROUND_TRIPS); i++) {
        RowSet set;
        WriteCase how = write_case_default();
        WrittenFiles files;
        Error err = ERROR_INIT;
        row_set_init(&set, i, ROUND_TRIPS[i].null_percent, true);
        const char **blooms = memory_alloc_zero(set.schema.column_count, sizeof(*blooms));
        for (size_t c = 0; c < set.schema.column_count; c++)
            blooms[c] = set.columns[c].name;
        how.compression = (Compression)(i % (COMPRESSION_NONE + 1));
        how.config.encoding = ROUND_TRIPS[i].profile;
        how.config.dictionary = ROUND_TRIPS[i].has_dictionary;
        how.config.statistics = ROUND_TRIPS[i].has_statistics;
        how.config.page_kb = ROUND_TRIPS[i].page_kb;
        how.config.spark_compat = i % 2 == 1;
        how.memory_bytes = ROUND_TRIPS[i].memory_mb << 20;
        if (ROUND_TRIPS[i].has_bloom)
            how.config.bloom = (TextList){.items = blooms, .count = set.schema.column_count};
        if (!write_rows(&set, ROUND_TRIPS[i].rows, &how, &files, &err))
            fail_msg("%s: %s", ROUND_TRIPS[i].name, err.message);
        print_message("%s\n", ROUND_TRIPS[i].name);
        compare_files(&set, ROUND_TRIPS[i].rows, &files);
        written_files_release(&files);
        free(blooms);
        row_set_release(&set);
    }
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
        cmocka_unit_test(every_value_comes_back),
        cmocka_unit_test(bytes_do_not_depend_on_batches_or_threads),
        cmocka_unit_test(long_text_is_stored_as_it_was_filled),
        cmocka_unit_test(files_split_at_their_size),
        cmocka_unit_test(a_file_without_rows_has_no_row_group),
        cmocka_unit_test(equal_names_are_refused),
        cmocka_unit_test(sink_errors_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
