#include "../../test.h"

#include "build.h"
#include "format/parquet/column_read.h"
#include "tiny_file.h"

typedef struct Opened {
    Buffer bytes;
    Readable from;
    ParquetFile file;
} Opened;

static void
open_tiny(Opened *opened, Fact fact, int64_t add)
{
    Error err = ERROR_INIT;

    *opened = (Opened){0};
    tiny_file_build(&opened->bytes, fact, add);
    opened->from = build_readable(&opened->bytes);
    assert_ok(parquet_file_open(&opened->file, &opened->from, NULL, &err), &err);
}

static void
close_tiny(Opened *opened)
{
    parquet_file_release(&opened->file);
    buffer_release(&opened->bytes);
}

/* Reads a whole column chunk; false with *err set if that fails. */
static bool
read_all(const ParquetFile *file, size_t leaf, Error *err)
{
    ColumnReader *reader = NULL;
    ColumnBatch batch;
    bool has_batch = true;
    bool ok = column_reader_open(file, 0, leaf, false, &reader, err);

    while (ok && has_batch)
        ok = column_reader_next(reader, &batch, &has_batch, err);
    column_reader_free(reader);
    return ok;
}

static void
test_required_column(void **state)
{
    Opened opened;
    ColumnReader *reader = NULL;
    ColumnBatch batch;
    bool has_batch = false;
    Error err = ERROR_INIT;

    (void)state;
    open_tiny(&opened, FACT_NONE, 0);
    assert_ok(column_reader_open(&opened.file, 0, 0, true, &reader, &err), &err);
    for (int64_t page = 0; page < 2; page++) {
        assert_ok(column_reader_next(reader, &batch, &has_batch, &err), &err);
        assert_true(has_batch);
        assert_true(batch.is_page_end);
        assert_int_equal(batch.level_count, 2);
        assert_int_equal(batch.value_count, 2);
        assert_int_equal(batch.row_count, 2);
        assert_null(batch.definitions);
        assert_null(batch.repetitions);
        const int64_t *values = batch.values;
        assert_int_equal(values[0], page * 20 + 10);
        assert_int_equal(values[1], page * 20 + 20);
    }
    assert_ok(column_reader_next(reader, &batch, &has_batch, &err), &err);
    assert_false(has_batch);
    assert_int_equal(reader->data_pages[ENCODING_PLAIN], 2);
    column_reader_free(reader);
    close_tiny(&opened);
}

static void
test_optional_column(void **state)
{
    static const Fact PAGES[] = {FACT_NONE, FACT_V2_NONE};
    ColumnReader *reader = NULL;
    ColumnBatch batch;
    bool has_batch = false;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(PAGES); i++) {
        Opened opened;
        Error err = ERROR_INIT;
        open_tiny(&opened, PAGES[i], 0);
        assert_ok(column_reader_open(&opened.file, 0, 1, true, &reader, &err), &err);
        for (int page = 0; page < 2; page++) {
            assert_ok(column_reader_next(reader, &batch, &has_batch, &err), &err);
            assert_int_equal(batch.level_count, 2);
            assert_int_equal(batch.value_count, 1);
            assert_int_equal(batch.definitions[0], 1);
            assert_int_equal(batch.definitions[1], 0);
            const BytesView *values = batch.values;
            assert_int_equal(values[0].size, 1);
            assert_int_equal(values[0].data[0], page == 0 ? 'a' : 'b');
        }
        assert_int_equal(reader->data_v2_pages[ENCODING_PLAIN], i);
        column_reader_free(reader);
        close_tiny(&opened);
    }
}

/* Levels are as wide as their maximum needs, and may not pass it. */
static void
test_level_beyond_the_maximum(void **state)
{
    Opened opened;
    Error err = ERROR_INIT;

    (void)state;
    open_tiny(&opened, FACT_LEVEL_VALUE, 2); /* 3 in the first two bits of page 1 */
    opened.file.leaves[1].max_definition = 2;
    assert_error(read_all(&opened.file, 1, &err), &err, ERR_FORMAT,
                 "level 3 in a column whose levels end at 2");
    close_tiny(&opened);
}

/* The levels 1 0, taken as repetition levels: the first entry goes on with a row there is not. */
static void
test_chunk_that_starts_inside_a_row(void **state)
{
    Opened opened;
    Error err = ERROR_INIT;

    (void)state;
    open_tiny(&opened, FACT_NONE, 0);
    opened.file.leaves[1].max_definition = 0;
    opened.file.leaves[1].max_repetition = 1;
    assert_error(read_all(&opened.file, 1, &err), &err, ERR_FORMAT, "starts inside a row");
    close_tiny(&opened);
}

static void
mark_encrypted(FooterColumn *column)
{
    column->is_encrypted = true;
}

static void
mark_elsewhere(FooterColumn *column)
{
    column->file_path = (BytesView){(const uint8_t *)"other", 5};
}

static void
mark_lzo(FooterColumn *column)
{
    column->chunk.meta.codec = CODEC_LZO;
}

static void
mark_old_lz4(FooterColumn *column)
{
    column->chunk.meta.codec = CODEC_LZ4_OLD;
}

static void
test_what_is_not_read(void **state)
{
    static const struct {
        void (*mark)(FooterColumn *column);
        const char *want;
    } CASES[] = {
        {mark_encrypted, "encrypted"},
        {mark_elsewhere, "in another file"},
        {mark_lzo, "codec LZO (3)"},
        {mark_old_lz4, "codec LZ4 (5)"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Opened opened;
        Error err = ERROR_INIT;
        open_tiny(&opened, FACT_NONE, 0);
        CASES[i].mark(&opened.file.row_groups[0].columns[1]);
        assert_error(read_all(&opened.file, 1, &err), &err, ERR_UNSUPPORTED, CASES[i].want);
        assert_non_null(strstr(err.context, "row_group=0 column=name"));
        close_tiny(&opened);
    }
}

/* Old writers did not count the dictionary page's header: the last page passes the chunk's end. */
static void
test_chunk_size_too_small(void **state)
{
    Opened opened;
    Error err = ERROR_INIT;

    (void)state;
    open_tiny(&opened, FACT_META_COMPRESSED, -14);
    assert_ok(read_all(&opened.file, 1, &err), &err);
    close_tiny(&opened);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_required_column),
        cmocka_unit_test(test_optional_column),
        cmocka_unit_test(test_level_beyond_the_maximum),
        cmocka_unit_test(test_chunk_that_starts_inside_a_row),
        cmocka_unit_test(test_what_is_not_read),
        cmocka_unit_test(test_chunk_size_too_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
