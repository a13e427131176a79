#include "support.h"

enum { MAX_CELLS = 4 };

static const ColumnSchema TEXT_COLUMNS[MAX_CELLS] = {
    {.name = "a", .type = {.kind = TYPE_TEXT}},
    {.name = "b", .type = {.kind = TYPE_TEXT}},
    {.name = "c", .type = {.kind = TYPE_TEXT}},
    {.name = "d", .type = {.kind = TYPE_TEXT}},
};

static void
assert_bytes(const char *name, const Buffer *file, const char *want)
{
    if (file->size != strlen(want) || memcmp(file->data, want, file->size) != 0)
        fail_msg("%s: got \"%.*s\", want \"%s\"", name, (int)file->size, (char *)file->data, want);
}

static void
texts_are_quoted_where_they_must(void **state)
{
    static const struct {
        const char *name;
        CsvConfig csv;
        size_t columns;
        const char *cells[MAX_CELLS];
        const char *want; /* after the header */
    } CASES[] = {
        {"plain", {.delimiter = ','}, 3, {"a", "b c", "é;"}, "a,b c,é;\n"},
        {"NULL and empty", {.delimiter = ','}, 3, {NULL, "", NULL}, ",\"\",\n"},
        {"delimiter", {.delimiter = ','}, 2, {"a,b", ","}, "\"a,b\",\",\"\n"},
        {"other delimiter", {.delimiter = ';'}, 2, {"a,b", "a;b"}, "a,b;\"a;b\"\n"},
        {"tab", {.delimiter = '\t'}, 2, {"a\tb", "a b"}, "\"a\tb\"\ta b\n"},
        {"quotes", {.delimiter = ','}, 2, {"has\"quote", "\""}, "\"has\"\"quote\",\"\"\"\"\n"},
        {"line ends",
         {.delimiter = ','},
         3,
         {"a\nb", "a\rb", "\r\n"},
         "\"a\nb\",\"a\rb\",\"\r\n\"\n"},
        {"blanks stay", {.delimiter = ','}, 2, {" a ", "\ta"}, " a ,\ta\n"},
        {"one column, NULL", {.delimiter = ','}, 1, {NULL}, "\\N\n"},
        {"one column, looks like NULL", {.delimiter = ','}, 1, {"\\N"}, "\"\\N\"\n"},
        {"one column, empty", {.delimiter = ','}, 1, {""}, "\"\"\n"},
        {"two columns know no \\N", {.delimiter = ','}, 2, {"\\N", NULL}, "\\N,\n"},
        {"NULL text",
         {.delimiter = ',', .null = "NULL"},
         3,
         {NULL, "NULL", ""},
         "NULL,\"NULL\",\"\"\n"},
        {"empty NULL text by choice", {.delimiter = ',', .null = ""}, 1, {NULL}, "\n"},
        {"quote all",
         {.delimiter = ',', .quote = CSV_QUOTE_ALL},
         3,
         {"a", NULL, ""},
         "\"a\",,\"\"\n"},
        {"quote all, NULL text",
         {.delimiter = ',', .null = "a", .quote = CSV_QUOTE_ALL},
         2,
         {"a", NULL},
         "\"a\",a\n"},
    };
    Buffer file = {0};
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const Schema schema = {.columns = TEXT_COLUMNS, .column_count = CASES[i].columns};
        const FormatOptions options = {
            .schema = &schema, .csv = &CASES[i].csv, .compression = COMPRESSION_NONE};
        Batch batch;
        size_t row = 0;
        batch_init(&batch, &schema, 10, SIZE_MAX);
        for (size_t c = 0; c < CASES[i].columns; c++)
            append_text(&batch.columns[c], CASES[i].cells[c]);
        batch_end_row(&batch, 1);
        write_part(&options, &batch, &row, &file);
        assert_bytes(CASES[i].name, &file, CASES[i].want);
        batch_release(&batch);
    }
    buffer_release(&file);
}

static void
headers_follow_the_same_rule(void **state)
{
    static const ColumnSchema COLUMNS[] = {
        {.name = "id", .type = {.kind = TYPE_INT32}},
        {.name = "a,b", .type = {.kind = TYPE_TEXT}},
        {.name = "say \"hi\"", .type = {.kind = TYPE_TEXT}},
        {.name = "two\nlines", .type = {.kind = TYPE_TEXT}},
        {.name = "", .type = {.kind = TYPE_TEXT}},
    };
    static const struct {
        CsvConfig csv;
        const char *want;
    } CASES[] = {
        {{.delimiter = ',', .has_header = true},
         "id,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"\"\n"},
        {{.delimiter = ';', .has_header = true, .null = "id"},
         "id;a,b;\"say \"\"hi\"\"\";\"two\nlines\";\"\"\n"},
        {{.delimiter = ',', .has_header = true, .quote = CSV_QUOTE_ALL},
         "\"id\",\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"\"\n"},
        {{.delimiter = ','}, ""},
    };
    const Schema schema = {.columns = COLUMNS, .column_count = ARRAY_LENGTH(COLUMNS)};
    Buffer file = {0};
    Batch batch;
    (void)state;

    batch_init(&batch, &schema, 10, SIZE_MAX);
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const FormatOptions options = {
            .schema = &schema, .csv = &CASES[i].csv, .compression = COMPRESSION_NONE};
        size_t row = 0;
        write_part(&options, &batch, &row, &file);
        assert_bytes("header", &file, CASES[i].want);
    }
    batch_release(&batch);
    buffer_release(&file);
}

static const Type DOUBLE_TYPE = {.kind = TYPE_DOUBLE};
static const ColumnSchema TYPED_COLUMNS[] = {
    {.name = "id", .type = {.kind = TYPE_INT64}},
    {.name = "score", .type = {.kind = TYPE_DOUBLE}},
    {.name = "active", .type = {.kind = TYPE_BOOL}},
    {.name = "day", .type = {.kind = TYPE_DATE}},
    {.name = "raw", .type = {.kind = TYPE_BINARY}},
    {.name = "list", .type = {.kind = TYPE_LIST, .element = &DOUBLE_TYPE}},
};
enum { TYPED_COUNT = ARRAY_LENGTH(TYPED_COLUMNS) };
static const Schema TYPED_SCHEMA = {.columns = TYPED_COLUMNS, .column_count = TYPED_COUNT};

static void
fill_typed(Batch *batch)
{
    Column *c = batch->columns;
    Error err = ERROR_INIT;

    column_append_i64(&c[0], -1);
    column_append_f64(&c[1], 95.5);
    column_append_bool(&c[2], 1);
    column_append_i32(&c[3], 0);
    assert_ok(column_append_bytes(&c[4], "\0\xFF\xAB", 3, &err), &err);
    column_append_f64(c[5].element, 1.5);
    column_append_null(c[5].element);
    column_end_list(&c[5]);
    batch_end_row(batch, 1);
    for (size_t i = 0; i < TYPED_COUNT; i++)
        column_append_null(&c[i]);
    batch_end_row(batch, 1);
    column_append_i64(&c[0], 2);
    column_append_f64(&c[1], 87);
    column_append_bool(&c[2], 0);
    column_append_i32(&c[3], -1);
    assert_ok(column_append_bytes(&c[4], "", 0, &err), &err);
    column_end_list(&c[5]);
    batch_end_row(batch, 1);
}

static void
typed_cells(void **state)
{
    static const struct {
        const char *name;
        CsvConfig csv;
        const char *want;
    } CASES[] = {
        {"plain",
         {.delimiter = ','},
         "-1,95.5,true,1970-01-01,00ffab,\"[1.5,null]\"\n,,,,,\n2,87,false,1969-12-31,\"\",[]\n"},
        {"quote all",
         {.delimiter = ',', .quote = CSV_QUOTE_ALL},
         "\"-1\",\"95.5\",\"true\",\"1970-01-01\",\"00ffab\",\"[1.5,null]\"\n,,,,,\n"
         "\"2\",\"87\",\"false\",\"1969-12-31\",\"\",\"[]\"\n"},
        {"a delimiter that numbers hold",
         {.delimiter = '.'},
         "-1.\"95.5\".true.1970-01-01.00ffab.\"[1.5,null]\"\n.....\n"
         "2.87.false.1969-12-31.\"\".[]\n"},
        {"a delimiter that dates hold",
         {.delimiter = '-'},
         "\"-1\"-95.5-true-\"1970-01-01\"-00ffab-[1.5,null]\n-----\n"
         "2-87-false-\"1969-12-31\"-\"\"-[]\n"},
        {"a NULL that numbers can be",
         {.delimiter = ';', .null = "87"},
         "-1;95.5;true;1970-01-01;00ffab;[1.5,null]\n87;87;87;87;87;87\n"
         "2;\"87\";false;1969-12-31;\"\";[]\n"},
        {"a NULL that booleans can be",
         {.delimiter = ';', .null = "true"},
         "-1;95.5;\"true\";1970-01-01;00ffab;[1.5,null]\ntrue;true;true;true;true;true\n"
         "2;87;false;1969-12-31;\"\";[]\n"},
    };
    Buffer file = {0};
    Batch batch;
    (void)state;

    batch_init(&batch, &TYPED_SCHEMA, 10, SIZE_MAX);
    fill_typed(&batch);
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const FormatOptions options = {
            .schema = &TYPED_SCHEMA, .csv = &CASES[i].csv, .compression = COMPRESSION_NONE};
        size_t row = 0;
        write_part(&options, &batch, &row, &file);
        assert_bytes(CASES[i].name, &file, CASES[i].want);
    }
    batch_release(&batch);
    buffer_release(&file);
}

/* Each special character at each place of texts around the widths that the scan works in. */
static void
specials_are_found_everywhere(void **state)
{
    static const char SPECIALS[] = {',', '"', '\n', '\r'};
    enum { LONGEST = 100 };
    const Schema schema = {.columns = TEXT_COLUMNS, .column_count = 1};
    const CsvConfig csv = {.delimiter = ','};
    const FormatOptions options = {.schema = &schema, .csv = &csv, .compression = COMPRESSION_NONE};
    Buffer file = {0};
    Buffer want = {0};
    Batch batch;
    size_t row = 0;
    (void)state;

    batch_init(&batch, &schema, 100000, SIZE_MAX);
    for (size_t length = 1; length <= LONGEST; length++) {
        for (size_t at = 0; at <= length; at++) { /* at == length: none */
            char text[LONGEST + 1];
            char special = SPECIALS[at % 4];
            memset(text, "x!#+-\v\f"[length % 7], length);
            if (at < length)
                text[at] = special;
            text[length] = '\0';
            append_text(&batch.columns[0], text);
            batch_end_row(&batch, 1);
            if (at == length)
                buffer_append_format(&want, "%s\n", text);
            else
                buffer_append_format(&want, "\"%.*s%s%c%s\"\n", (int)at, text,
                                     special == '"' ? "\"" : "", special, text + at + 1);
        }
    }
    write_part(&options, &batch, &row, &file);
    assert_int_equal(file.size, want.size);
    assert_memory_equal(file.data, want.data, want.size);
    batch_release(&batch);
    buffer_release(&file);
    buffer_release(&want);
}

/* Cells of many portions, and rows around the size of a piece. */
static void
long_cells_come_out_whole(void **state)
{
    static const size_t LENGTHS[] = {16383, 16384, 16385, 65536, 262143, 262144, 1000003};
    static const ColumnSchema COLUMNS[] = {
        {.name = "t", .type = {.kind = TYPE_TEXT}},
        {.name = "b", .type = {.kind = TYPE_BINARY}},
        {.name = "n", .type = {.kind = TYPE_INT32}},
    };
    const Schema schema = {.columns = COLUMNS, .column_count = 3};
    const CsvConfig csv = {.delimiter = ','};
    const FormatOptions options = {.schema = &schema, .csv = &csv, .compression = COMPRESSION_NONE};
    Buffer file = {0};
    Buffer want = {0};
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(LENGTHS); i++) {
        for (int is_quoted = 0; is_quoted < 2; is_quoted++) {
            size_t length = LENGTHS[i];
            Error err = ERROR_INIT;
            Batch batch;
            size_t row = 0;
            char *text = malloc(length);
            assert_non_null(text);
            memset(text, 'x', length);
            if (is_quoted)
                text[0] = text[length / 2] = text[length - 1] = '"';
            batch_init(&batch, &schema, 10, SIZE_MAX);
            buffer_reset(&want);
            for (int32_t n = 0; n < 3; n++) {
                assert_ok(column_append_bytes(&batch.columns[0], text, length, &err), &err);
                assert_ok(column_append_bytes(&batch.columns[1], text, length, &err), &err);
                column_append_i32(&batch.columns[2], n);
                batch_end_row(&batch, 1);
                if (is_quoted)
                    buffer_append_byte(&want, '"');
                for (size_t k = 0; k < length; k++) {
                    buffer_append_byte(&want, (uint8_t)text[k]);
                    if (text[k] == '"')
                        buffer_append_byte(&want, '"');
                }
                buffer_append_text(&want, is_quoted ? "\"," : ",");
                for (size_t k = 0; k < length; k++)
                    buffer_append_text(&want, text[k] == '"' ? "22" : "78");
                buffer_append_format(&want, ",%d\n", (int)n);
            }
            write_part(&options, &batch, &row, &file);
            assert_int_equal(file.size, want.size);
            assert_memory_equal(file.data, want.data, want.size);
            batch_release(&batch);
            free(text);
        }
    }
    buffer_release(&file);
    buffer_release(&want);
}

static void
no_columns_are_refused(void **state)
{
    const Schema schema = {0};
    const FormatOptions options = {
        .schema = &schema, .csv = &CSV_DEFAULT, .compression = COMPRESSION_NONE};
    const FormatOptions snappy = {
        .schema = &TYPED_SCHEMA, .csv = &CSV_DEFAULT, .compression = COMPRESSION_SNAPPY};
    Error err = ERROR_INIT;
    Sink sink;
    Buffer file = {0};
    Writer *writer = NULL;
    (void)state;

    sink_init(&sink, memory_write, &file);
    assert_error(CSV_DRIVER.open(&options, &sink, &writer, &err), &err, ERR_UNSUPPORTED, "columns");
    error_clear(&err);
    assert_error(CSV_DRIVER.open(&snappy, &sink, &writer, &err), &err, ERR_UNSUPPORTED, "gzip");
    assert_null(writer);
    sink_release(&sink);
    buffer_release(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_quoted_where_they_must),
        cmocka_unit_test(headers_follow_the_same_rule),
        cmocka_unit_test(typed_cells),
        cmocka_unit_test(specials_are_found_everywhere),
        cmocka_unit_test(long_cells_come_out_whole),
        cmocka_unit_test(no_columns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
