/* parquet_dump: prints a Parquet file as rivet's reader sees it, one JSON object a line, so that
 * tests can compare every level and value with what other readers make of the same file.
 *
 *   parquet_dump [--strict] FILE
 *
 *   {"schema":[{"name","parent","repetition","type","length","converted","logical",…}],"rows":N}
 *   {"row_group":G,"leaf":L,"rep":[…],"def":[…],"values":[…]}     a batch; rep and def may be null
 *
 * Values: booleans and integers as such, floats as the hex digits of their bits, everything else
 * as the hex digits of its bytes. Ends with 1 and the error on stderr when the file is damaged. */
#include <errno.h>
#include <fcntl.h>

#include "format/parquet/column_read.h"

static void
print_text(BytesView text)
{
    putchar('"');
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            printf("\\u%04x", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

static void
print_schema(const ParquetFile *file)
{
    printf("{\"rows\":%" PRId64 ",\"schema\":[", file->row_sum);
    for (size_t i = 0; i < file->schema_count; i++) {
        const SchemaElement *element = &file->schema[i];
        const LogicalType *logical = &element->logical;
        printf("%s{\"name\":", i == 0 ? "" : ",");
        print_text(element->name);
        printf(",\"parent\":%" PRIu32 ",\"repetition\":%d,\"type\":%" PRId32 ",\"length\":%" PRId32
               ",\"children\":%" PRId32 ",\"converted\":%d,\"scale\":%" PRId32
               ",\"logical\":%d,\"logical_scale\":%" PRId32 ",\"unit\":%d,\"is_signed\":%s}",
               file->parents[i], (int)element->repetition, element->type, element->type_length,
               element->child_count, (int)element->converted, element->scale, (int)logical->kind,
               logical->scale, (int)logical->unit, logical->is_signed ? "true" : "false");
    }
    printf("]}\n");
}

static void
print_hex(BytesView bytes)
{
    putchar('"');
    for (size_t i = 0; i < bytes.size; i++)
        printf("%02x", bytes.data[i]);
    putchar('"');
}

static void
print_value(PhysicalType type, const void *values, size_t i)
{
    switch (type) {
    case PHYSICAL_BOOLEAN:
        printf("%s", ((const uint8_t *)values)[i] != 0 ? "true" : "false");
        return;
    case PHYSICAL_INT32:
        printf("%" PRId32, ((const int32_t *)values)[i]);
        return;
    case PHYSICAL_INT64:
        printf("%" PRId64, ((const int64_t *)values)[i]);
        return;
    case PHYSICAL_FLOAT:
        printf("\"%08" PRIx32 "\"", ((const uint32_t *)values)[i]);
        return;
    case PHYSICAL_DOUBLE:
        printf("\"%016" PRIx64 "\"", ((const uint64_t *)values)[i]);
        return;
    default:
        print_hex(((const BytesView *)values)[i]);
        return;
    }
}

static void
print_levels(const char *name, const uint8_t *levels, size_t count)
{
    printf(",\"%s\":", name);
    if (levels == NULL) {
        printf("null");
        return;
    }
    for (size_t i = 0; i < count; i++)
        printf("%c%u", i == 0 ? '[' : ',', levels[i]);
    printf("]");
}

static void
print_batch(size_t row_group, size_t leaf, PhysicalType type, const ColumnBatch *batch)
{
    printf("{\"row_group\":%zu,\"leaf\":%zu,\"count\":%zu", row_group, leaf, batch->level_count);
    print_levels("rep", batch->repetitions, batch->level_count);
    print_levels("def", batch->definitions, batch->level_count);
    printf(",\"values\":[");
    for (size_t i = 0; i < batch->value_count; i++) {
        if (i > 0)
            putchar(',');
        print_value(type, batch->values, i);
    }
    printf("]}\n");
}

static bool
dump_column(const ParquetFile *file, size_t row_group, size_t leaf, bool is_strict, Error *err)
{
    ColumnReader *reader = NULL;
    ColumnBatch batch;
    bool has_batch = true;
    bool ok = column_reader_open(file, row_group, leaf, is_strict, &reader, err);

    while (ok && has_batch) {
        ok = column_reader_next(reader, &batch, &has_batch, err);
        if (ok && has_batch)
            print_batch(row_group, leaf, file->leaves[leaf].type, &batch);
    }
    column_reader_free(reader);
    return ok;
}

static bool
dump_file(const Readable *from, bool is_strict, Error *err)
{
    ParquetFile file = {0};
    bool ok = parquet_file_open(&file, from, NULL, err);

    if (ok)
        print_schema(&file);
    for (size_t group = 0; ok && group < file.row_group_count; group++) {
        for (size_t leaf = 0; ok && leaf < file.leaf_count; leaf++)
            ok = dump_column(&file, group, leaf, is_strict, err);
    }
    parquet_file_release(&file);
    return ok;
}

int
main(int argc, char **argv)
{
    Error err = ERROR_INIT;
    Readable from = {0};
    bool is_strict = argc == 3 && strcmp(argv[1], "--strict") == 0;

    if (argc != 2 && !is_strict) {
        fprintf(stderr, "usage: parquet_dump [--strict] FILE\n");
        return 2;
    }
    int fd = open(argv[argc - 1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "parquet_dump: %s: os error %d\n", argv[argc - 1], errno);
        return 2;
    }
    bool ok = readable_open_fd(fd, &from, &err) && dump_file(&from, is_strict, &err);
    readable_close(&from);
    if (!ok) {
        char text[1400];
        error_format(&err, text, sizeof(text));
        fprintf(stderr, "parquet_dump: %s (%s)\n", text, error_name(err.code));
    }
    return ok ? 0 : 1;
}
