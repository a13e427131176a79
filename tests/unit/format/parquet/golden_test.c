/* One tiny file per type and nullability, byte for byte as tests/golden/parquet lists it.
 * test_parquet_golden --write DIRECTORY writes the files instead, see parquet_listing.py there. */
#include "../../test.h"

#include "format/parquet/parquet.h"
#include "support/parquet_write.h"
#include "util/memory.h"

typedef void (*AppendValue)(Column *column, int i);

static void
append_bytes(Column *column, const char *bytes, size_t size)
{
    Error err = ERROR_INIT;

    assert_ok(column_append_bytes(column, bytes, size, &err), &err);
}

static void
append_bool(Column *column, int i)
{
    column_append_bool(column, i == 0);
}

static void
append_int(Column *column, int i)
{
    column_append_i32(column, i == 0 ? 100 : -2);
}

static void
append_unsigned(Column *column, int i)
{
    column_append_i32(column, i == 0 ? 255 : 1);
}

static void
append_long(Column *column, int i)
{
    column_append_i64(column, i == 0 ? INT64_C(1) << 40 : -3);
}

static void
append_float(Column *column, int i)
{
    column_append_f32(column, i == 0 ? 1.5F : -0.0F);
}

static void
append_double(Column *column, int i)
{
    column_append_f64(column, i == 0 ? 1e300 : -0.25);
}

static void
append_wide(Column *column, int i)
{
    column_append_i128(column, i == 0 ? (Int128)INT64_MAX * 1000 : -1);
}

static void
append_text(Column *column, int i)
{
    append_bytes(column, i == 0 ? "größer" : "", i == 0 ? strlen("größer") : 0);
}

static void
append_json(Column *column, int i)
{
    append_bytes(column, i == 0 ? "{\"a\": 1}" : "null", i == 0 ? 8 : 4);
}

static void
append_binary(Column *column, int i)
{
    append_bytes(column, i == 0 ? "\0\xFF" : "\x7F", i == 0 ? 2 : 1);
}

static void
append_uuid(Column *column, int i)
{
    uint8_t bytes[16];

    for (uint8_t b = 0; b < 16; b++)
        bytes[b] = (uint8_t)(b * 17 + i);
    column_append_fixed16(column, bytes);
}

static void
append_list(Column *column, int i)
{
    if (i == 0) {
        column_append_i32(column->element, 1);
        column_append_null(column->element);
        column_append_i32(column->element, 3);
    }
    column_end_list(column);
}

static const Type INT32_ELEMENT = {.kind = TYPE_INT32};

static const struct {
    const char *name;
    Type type;
    AppendValue append;
    bool is_never_required;
    ParquetEncodingProfile profile;
    bool has_dictionary;
} CASES[] = {
    {.name = "bool", .type = {.kind = TYPE_BOOL}, .append = append_bool},
    {.name = "int8", .type = {.kind = TYPE_INT8}, .append = append_int},
    {.name = "int16", .type = {.kind = TYPE_INT16}, .append = append_int},
    {.name = "int32", .type = {.kind = TYPE_INT32}, .append = append_int},
    {.name = "int64", .type = {.kind = TYPE_INT64}, .append = append_long},
    {.name = "uint8", .type = {.kind = TYPE_UINT8}, .append = append_unsigned},
    {.name = "uint16", .type = {.kind = TYPE_UINT16}, .append = append_unsigned},
    {.name = "uint32", .type = {.kind = TYPE_UINT32}, .append = append_unsigned},
    {.name = "uint64", .type = {.kind = TYPE_UINT64}, .append = append_long},
    {.name = "float", .type = {.kind = TYPE_FLOAT}, .append = append_float},
    {.name = "double", .type = {.kind = TYPE_DOUBLE}, .append = append_double},
    {.name = "decimal9",
     .type = {.kind = TYPE_DECIMAL, .precision = 9, .scale = 2},
     .append = append_int},
    {.name = "decimal18",
     .type = {.kind = TYPE_DECIMAL, .precision = 18, .scale = 4},
     .append = append_long},
    {.name = "decimal38",
     .type = {.kind = TYPE_DECIMAL, .precision = 38, .scale = 10},
     .append = append_wide},
    {.name = "date", .type = {.kind = TYPE_DATE}, .append = append_int},
    {.name = "time", .type = {.kind = TYPE_TIME}, .append = append_long},
    {.name = "timestamp", .type = {.kind = TYPE_TIMESTAMP}, .append = append_long},
    {.name = "timestamptz", .type = {.kind = TYPE_TIMESTAMPTZ}, .append = append_long},
    {.name = "text", .type = {.kind = TYPE_TEXT}, .append = append_text},
    {.name = "json", .type = {.kind = TYPE_JSON}, .append = append_json},
    {.name = "binary", .type = {.kind = TYPE_BINARY}, .append = append_binary},
    {.name = "uuid", .type = {.kind = TYPE_UUID}, .append = append_uuid},
    {.name = "list",
     .type = {.kind = TYPE_LIST, .element = &INT32_ELEMENT},
     .append = append_list,
     .is_never_required = true},
    {.name = "int32-modern",
     .type = {.kind = TYPE_INT32},
     .append = append_int,
     .profile = ENCODING_MODERN},
    {.name = "text-modern",
     .type = {.kind = TYPE_TEXT},
     .append = append_text,
     .profile = ENCODING_MODERN},
    {.name = "text-dictionary",
     .type = {.kind = TYPE_TEXT},
     .append = append_json,
     .has_dictionary = true},
};

enum { ROWS = 3, DICTIONARY_ROWS = 24 };

static void
fill(size_t i, bool is_required, Batch *batch)
{
    Column *column = &batch->columns[0];
    int rows = CASES[i].has_dictionary ? DICTIONARY_ROWS : ROWS;

    for (int row = 0; row < rows; row++) {
        if (row % ROWS == 1 && !is_required)
            column_append_null(column);
        else
            CASES[i].append(column, row % ROWS);
        batch_end_row(batch, 0);
    }
}

static Buffer
write_case(size_t i, bool is_required)
{
    const ColumnSchema column = {.name = "c",
                                 .source_type = "source type",
                                 .type = CASES[i].type,
                                 .is_required = is_required};
    const Schema schema = {.columns = &column, .column_count = 1};
    WriteCase how = write_case_default();
    Buffer bytes = {0};
    Batch batch;
    Sink sink;
    Writer *writer = NULL;
    size_t taken = 0;
    bool is_full = false;
    Error err = ERROR_INIT;

    how.config.encoding = CASES[i].profile;
    how.config.dictionary = CASES[i].has_dictionary;
    FormatOptions options = {
        .schema = &schema, .parquet = &how.config, .compression = COMPRESSION_NONE};
    batch_init(&batch, &schema, DICTIONARY_ROWS, SIZE_MAX);
    fill(i, is_required, &batch);
    sink_init(&sink, write_to_buffer, &bytes);
    assert_ok(PARQUET_DRIVER.open(&options, &sink, &writer, &err), &err);
    assert_ok(format_write(writer, &batch, 0, &taken, &is_full, &err), &err);
    assert_ok(format_finish(writer, &err), &err);
    format_free(writer);
    sink_release(&sink);
    batch_release(&batch);
    return bytes;
}

static char *
case_path(const char *directory, size_t i, bool is_required, const char *ending)
{
    return memory_format("%s/%s-%s.%s", directory, CASES[i].name,
                         is_required ? "required" : "optional", ending);
}

/* The bytes of a listing: the hex columns between the offset and the comment. */
static Buffer
read_listing(const char *path)
{
    enum { HEX_START = 8, HEX_END = 8 + 47 };
    Buffer bytes = {0};
    char line[512];
    FILE *file = fopen(path, "r");

    if (file == NULL)
        fail_msg("%s is missing", path);
    while (fgets(line, sizeof(line), file) != NULL) {
        size_t length = size_min(strcspn(line, "\n"), HEX_END);
        for (size_t at = HEX_START; at + 1 < length && line[at] != ' '; at += 3) {
            char pair[3] = {line[at], line[at + 1], '\0'};
            buffer_append_byte(&bytes, (uint8_t)strtoul(pair, NULL, 16));
        }
    }
    fclose(file);
    return bytes;
}

static void
compare_case(size_t i, bool is_required)
{
    char *path = case_path(RIVET_GOLDEN_DIR, i, is_required, "txt");
    Buffer want = read_listing(path);
    Buffer got = write_case(i, is_required);

    for (size_t at = 0; at < size_min(want.size, got.size); at++)
        if (want.data[at] != got.data[at])
            fail_msg("%s: byte %06zx is %02x", path, at, got.data[at]);
    if (want.size != got.size)
        fail_msg("%s: %zu bytes instead of %zu", path, got.size, want.size);
    buffer_release(&got);
    buffer_release(&want);
    free(path);
}

static void
files_have_these_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        compare_case(i, false);
        if (!CASES[i].is_never_required)
            compare_case(i, true);
    }
}

static int
write_files(const char *directory)
{
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        for (int is_required = 0; is_required <= !CASES[i].is_never_required; is_required++) {
            char *path = case_path(directory, i, is_required, "parquet");
            Buffer bytes = write_case(i, is_required);
            FILE *file = fopen(path, "wb");
            if (file == NULL || fwrite(bytes.data, 1, bytes.size, file) != bytes.size ||
                fclose(file) != 0) {
                perror(path);
                return 1;
            }
            buffer_release(&bytes);
            free(path);
        }
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_have_these_bytes),
    };

    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_files(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
