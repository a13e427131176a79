/* Compression, splitting, independence of batch sizes, and verification of what was written. */
#include "support.h"

#include <zlib.h>
#include <zstd.h>

static const Type INT64_TYPE = {.kind = TYPE_INT64};
static const ColumnSchema COLUMNS[] = {
    {.name = "id", .type = {.kind = TYPE_INT64}},
    {.name = "text", .type = {.kind = TYPE_TEXT}},
    {.name = "value", .type = {.kind = TYPE_DOUBLE}},
    {.name = "list", .type = {.kind = TYPE_LIST, .element = &INT64_TYPE}},
};
static const Schema SCHEMA = {.columns = COLUMNS, .column_count = ARRAY_LENGTH(COLUMNS)};
static const Compression CODECS[] = {COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD};

static void
append_list(Column *column, size_t row)
{
    for (size_t i = 0; i < row % 4; i++) {
        if ((row + i) % 3 == 0)
            column_append_null(column->element);
        else
            column_append_i64(column->element, (int64_t)row);
    }
    column_end_list(column);
}

/* Rows first … first + count of an endless table with texts of all kinds. */
static void
fill(Batch *batch, size_t first, size_t count)
{
    static const char *const TEXTS[] = {"plain", NULL, "", "a,b", "two\nlines", "say \"hi\"", "é"};
    uint64_t random = 1;

    batch_reset(batch);
    for (size_t i = first; i < first + count; i++) {
        random = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
        column_append_i64(&batch->columns[0], (int64_t)i);
        append_text(&batch->columns[1], TEXTS[random >> 40 & 7 ? i % 7 : 0]);
        if (i % 5 == 0)
            column_append_null(&batch->columns[2]);
        else
            column_append_f64(&batch->columns[2], (double)(random >> 11) * 0x1p-53);
        if (i % 11 == 0)
            column_append_null(&batch->columns[3]);
        else
            append_list(&batch->columns[3], i);
        batch_end_row(batch, 1);
    }
}

/* The whole table in batches of batch_rows, as parts; returns their number. */
static size_t
write_table(const FormatOptions *options, size_t row_count, size_t batch_rows, Buffer *files,
            size_t max_files, uint64_t *rows_of)
{
    Error err = ERROR_INIT;
    Sink sink;
    Writer *writer = NULL;
    Batch batch;
    size_t count = 0;
    bool is_full = false;

    batch_init(&batch, options->schema, batch_rows, SIZE_MAX);
    for (size_t first = 0; first < row_count; first += batch_rows) {
        size_t taken = 0;
        fill(&batch, first, size_min(batch_rows, row_count - first));
        while (taken < batch.row_count) {
            if (writer == NULL) {
                assert_true(count < max_files);
                buffer_reset(&files[count]);
                sink_init(&sink, memory_write, &files[count]);
                assert_ok(CSV_DRIVER.open(options, &sink, &writer, &err), &err);
            }
            assert_ok(CSV_DRIVER.write(writer, &batch, taken, &taken, &is_full, &err), &err);
            if (!is_full && first + taken < row_count)
                continue;
            assert_ok(CSV_DRIVER.finish(writer, &err), &err);
            rows_of[count++] = writer->row_count;
            CSV_DRIVER.free(writer);
            sink_release(&sink);
            writer = NULL;
        }
    }
    batch_release(&batch);
    return count;
}

/* By the libraries' one-call functions, not by our decoder. */
static void
unpack(const Buffer *file, Compression compression, Buffer *plain)
{
    size_t room = file->size * 100 + 1000;

    buffer_reset(plain);
    buffer_reserve(plain, room);
    if (compression == COMPRESSION_ZSTD) {
        plain->size = ZSTD_decompress(plain->data, room, file->data, file->size);
        assert_false(ZSTD_isError(plain->size));
    } else if (compression == COMPRESSION_GZIP) {
        z_stream gzip = {.next_in = file->data, .avail_in = (uInt)file->size};
        gzip.next_out = plain->data;
        gzip.avail_out = (uInt)room;
        assert_int_equal(inflateInit2(&gzip, 15 + 16), Z_OK);
        assert_int_equal(inflate(&gzip, Z_FINISH), Z_STREAM_END);
        assert_int_equal(gzip.avail_in, 0); /* one member */
        plain->size = gzip.total_out;
        inflateEnd(&gzip);
    } else {
        buffer_append(plain, file->data, file->size);
    }
}

enum { ROWS = 30000, MAX_FILES = 64 };

static void
bytes_do_not_depend_on_batches(void **state)
{
    static const size_t BATCHES[] = {ROWS, 1, 97, 1000, 8192};
    Buffer first = {0}, other = {0}, plain = {0}, unpacked = {0};
    uint64_t rows;
    (void)state;

    for (size_t c = 0; c < ARRAY_LENGTH(CODECS); c++) {
        const FormatOptions options = {
            .schema = &SCHEMA, .csv = &CSV_DEFAULT, .compression = CODECS[c]};
        for (size_t b = 0; b < ARRAY_LENGTH(BATCHES); b++) {
            Buffer *file = b == 0 ? &first : &other;
            assert_int_equal(write_table(&options, ROWS, BATCHES[b], file, 1, &rows), 1);
            assert_int_equal(rows, ROWS);
            assert_int_equal(file->size, first.size);
            assert_memory_equal(file->data, first.data, first.size);
        }
        if (c == 0)
            buffer_append(&plain, first.data, first.size);
        unpack(&first, CODECS[c], &unpacked);
        assert_int_equal(unpacked.size, plain.size);
        assert_memory_equal(unpacked.data, plain.data, plain.size);
        if (c > 0)
            assert_true(first.size < plain.size / 2 + plain.size / 4);
    }
    buffer_release(&first);
    buffer_release(&other);
    buffer_release(&plain);
    buffer_release(&unpacked);
}

static void
parts_end_at_steps_and_join_to_the_whole(void **state)
{
    enum { STEP = 100, LIMIT = 100000 };
    static const size_t BATCHES[] = {ROWS, 100, 77, 1000};
    static Buffer files[MAX_FILES];
    static Buffer again[MAX_FILES];
    Buffer whole = {0}, joined = {0}, plain = {0};
    uint64_t rows[MAX_FILES];
    (void)state;

    for (size_t c = 0; c < ARRAY_LENGTH(CODECS); c++) {
        FormatOptions options = {
            .schema = &SCHEMA, .csv = &CSV_DEFAULT, .compression = COMPRESSION_NONE};
        write_table(&options, ROWS, ROWS, &whole, 1, rows);
        size_t header = (size_t)((uint8_t *)memchr(whole.data, '\n', 100) - whole.data) + 1;
        options.compression = CODECS[c];
        options.max_file_size_bytes = LIMIT;
        options.split_step_rows = STEP;
        size_t count = write_table(&options, ROWS, ROWS, files, MAX_FILES, rows);
        assert_in_range(count, 2, MAX_FILES);
        buffer_reset(&joined);
        buffer_append(&joined, whole.data, header);
        for (size_t i = 0; i < count; i++) {
            bool is_last = i + 1 == count;
            unpack(&files[i], CODECS[c], &plain);
            assert_memory_equal(plain.data, whole.data, header);
            buffer_append(&joined, plain.data + header, plain.size - header);
            if (is_last)
                continue;
            assert_int_equal(rows[i] % STEP, 0);
            assert_in_range(files[i].size, LIMIT, 3 * LIMIT);
            if (CODECS[c] == COMPRESSION_NONE)
                assert_in_range(files[i].size, LIMIT, LIMIT + STEP * 70);
        }
        assert_int_equal(joined.size, whole.size);
        assert_memory_equal(joined.data, whole.data, whole.size);
        for (size_t b = 1; b < ARRAY_LENGTH(BATCHES); b++) {
            assert_int_equal(write_table(&options, ROWS, BATCHES[b], again, MAX_FILES, rows),
                             count);
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(again[i].size, files[i].size);
                assert_memory_equal(again[i].data, files[i].data, files[i].size);
            }
        }
    }
    for (size_t i = 0; i < MAX_FILES; i++) {
        buffer_release(&files[i]);
        buffer_release(&again[i]);
    }
    buffer_release(&whole);
    buffer_release(&joined);
    buffer_release(&plain);
}

/* A limit below the header's size: at least one step of rows goes into every part. */
static void
a_tiny_limit_still_takes_rows(void **state)
{
    static Buffer files[MAX_FILES];
    uint64_t rows[MAX_FILES];
    const FormatOptions options = {
        .schema = &SCHEMA,
        .csv = &CSV_DEFAULT,
        .compression = COMPRESSION_NONE,
        .max_file_size_bytes = 1,
        .split_step_rows = 10,
    };
    (void)state;

    assert_int_equal(write_table(&options, 35, 7, files, MAX_FILES, rows), 4);
    assert_int_equal(rows[0], 10);
    assert_int_equal(rows[3], 5);
    for (size_t i = 0; i < MAX_FILES; i++)
        buffer_release(&files[i]);
}

static void
written_files_verify(void **state)
{
    static const CsvConfig CONFIGS[] = {
        {.delimiter = ',', .has_header = true},
        {.delimiter = ';'},
        {.delimiter = '.', .has_header = true},
        {.delimiter = ',', .has_header = true, .quote = CSV_QUOTE_ALL},
        {.delimiter = ',', .has_header = true, .null = "NULL"},
    };
    Buffer file = {0};
    uint64_t rows;
    (void)state;

    for (size_t c = 0; c < ARRAY_LENGTH(CODECS); c++) {
        for (size_t i = 0; i < ARRAY_LENGTH(CONFIGS); i++) {
            const FormatOptions options = {
                .schema = &SCHEMA, .csv = &CONFIGS[i], .compression = CODECS[c]};
            VerifyExpectation want = {
                .kind = FORMAT_CSV,
                .compression = CODECS[c],
                .csv = &CONFIGS[i],
                .schema = &SCHEMA,
                .row_count = ROWS,
            };
            Error err = ERROR_INIT;
            write_table(&options, ROWS, 1000, &file, 1, &rows);
            Readable readable = memory_readable(&file);
            assert_ok(csv_verify(&readable, &want, &err), &err);
            want.row_count = ROWS - 1;
            assert_error(csv_verify(&readable, &want, &err), &err, ERR_CHECK,
                         "validation failed: expected 29999 rows, got 30000");
        }
    }
    buffer_release(&file);
}

static void
damage_is_found(void **state)
{
    static const struct {
        const char *name;
        const char *file;
        uint64_t rows;
        const char *message; /* NULL: fine */
    } CASES[] = {
        {"fine", "id,text,value,list\n1,a,2,\n", 1, NULL},
        {"line end inside quotes", "id,text,value,list\n1,\"a\nb\",2,\n", 1, NULL},
        {"doubled quotes", "id,text,value,list\n1,\"\"\"\n\"\"\",2,\n", 1, NULL},
        {"no rows", "id,text,value,list\n", 0, NULL},
        {"empty", "", 0, "header is missing"},
        {"one row less", "id,text,value,list\n1,a,2,\n", 2, "expected 2 rows, got 1"},
        {"one row more", "id,text,value,list\n1,a,2,\n3,,,\n", 1, "expected 1 rows, got 2"},
        {"cut in a record", "id,text,value,list\n1,a,2,", 1, "ends inside a record"},
        {"cut in a quoted cell", "id,text,value,list\n1,\"a,2\n", 1, "ends inside a quoted cell"},
        {"a cell too few", "id,text,value,list\n1,a,b\n", 1, "expected 8 cells, got 7"},
        {"a cell too many", "id,text,value,list\n1,a,b,2,3\n", 1, "expected 8 cells, got 9"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Buffer file = {0};
        Error err = ERROR_INIT;
        const VerifyExpectation want = {
            .kind = FORMAT_CSV,
            .compression = COMPRESSION_NONE,
            .csv = &CSV_DEFAULT,
            .schema = &SCHEMA,
            .row_count = CASES[i].rows,
        };
        buffer_append_text(&file, CASES[i].file);
        Readable readable = memory_readable(&file);
        if (CASES[i].message == NULL)
            assert_ok(csv_verify(&readable, &want, &err), &err);
        else
            assert_error(csv_verify(&readable, &want, &err), &err, ERR_CHECK, CASES[i].message);
        buffer_release(&file);
    }
}

/* Cut anywhere or one bit turned: the codec's own checksums see it. */
static void
damaged_compression_is_found(void **state)
{
    Buffer file = {0};
    uint64_t rows;
    (void)state;

    for (size_t c = 1; c < ARRAY_LENGTH(CODECS); c++) {
        const FormatOptions options = {
            .schema = &SCHEMA, .csv = &CSV_DEFAULT, .compression = CODECS[c]};
        const VerifyExpectation want = {
            .kind = FORMAT_CSV,
            .compression = CODECS[c],
            .csv = &CSV_DEFAULT,
            .schema = &SCHEMA,
            .row_count = 500,
        };
        write_table(&options, 500, 100, &file, 1, &rows);
        size_t size = file.size;
        for (size_t cut = 0; cut < size; cut += size / 50 + 1) {
            Error err = ERROR_INIT;
            Readable readable = memory_readable(&file);
            readable.size_bytes = cut;
            assert_error(csv_verify(&readable, &want, &err), &err, ERR_CHECK, "damaged");
        }
        for (size_t at = 10; at < size; at += size / 50 + 1) {
            Error err = ERROR_INIT;
            Readable readable = memory_readable(&file);
            file.data[at] ^= 0x10;
            if (csv_verify(&readable, &want, &err))
                fail_msg("codec %d: a turned bit at %zu went unnoticed", (int)CODECS[c], at);
            file.data[at] ^= 0x10;
        }
        Error err = ERROR_INIT;
        buffer_append_byte(&file, 0);
        Readable readable = memory_readable(&file);
        assert_error(csv_verify(&readable, &want, &err), &err, ERR_CHECK, "follow");
    }
    buffer_release(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_do_not_depend_on_batches),
        cmocka_unit_test(parts_end_at_steps_and_join_to_the_whole),
        cmocka_unit_test(a_tiny_limit_still_takes_rows),
        cmocka_unit_test(written_files_verify),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(damaged_compression_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
