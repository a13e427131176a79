#include "table_file.h"

#include <errno.h>
#include <fcntl.h>

#include "format/parquet/column_read.h"
#include "util/memory.h"

static bool
type_of_element(const SchemaElement *element, Type *type)
{
    const LogicalType *logical = &element->logical;

    *type = (Type){0};
    switch (element->type) {
    case PHYSICAL_BOOLEAN:
        type->kind = TYPE_BOOL;
        return true;
    case PHYSICAL_INT32:
        type->kind = logical->kind == LOGICAL_DATE ? TYPE_DATE : TYPE_INT32;
        break;
    case PHYSICAL_INT64:
        type->kind = logical->kind == LOGICAL_TIMESTAMP ? TYPE_TIMESTAMPTZ : TYPE_INT64;
        break;
    case PHYSICAL_FLOAT:
        type->kind = TYPE_FLOAT;
        return true;
    case PHYSICAL_DOUBLE:
        type->kind = TYPE_DOUBLE;
        return true;
    case PHYSICAL_BYTE_ARRAY:
        type->kind = logical->kind == LOGICAL_STRING ? TYPE_TEXT : TYPE_BINARY;
        return true;
    case PHYSICAL_FIXED:
        type->kind = TYPE_UUID;
        return logical->kind == LOGICAL_UUID;
    default:
        return false;
    }
    if (logical->kind == LOGICAL_DECIMAL)
        *type = (Type){.kind = TYPE_DECIMAL,
                       .precision = (uint8_t)logical->precision,
                       .scale = (uint8_t)logical->scale};
    return true;
}

static bool
load_schema(BenchTable *table, const ParquetFile *file, Error *err)
{
    table->columns = memory_alloc_zero(file->leaf_count, sizeof(*table->columns));
    for (size_t i = 0; i < file->leaf_count; i++) {
        const SchemaLeaf *leaf = &file->leaves[i];
        const SchemaElement *element = &file->schema[leaf->element];
        char *name = memory_dup_bytes((const char *)element->name.data, element->name.size);
        table->columns[i] = (ColumnSchema){.name = name, .source_type = ""};
        table->schema.column_count++;
        if (leaf->max_repetition > 0 || leaf->max_definition > 1 ||
            !type_of_element(element, &table->columns[i].type))
            return error_set(err, ERR_UNSUPPORTED, "column %s is of a type the bench cannot load",
                             name);
    }
    table->schema.columns = table->columns;
    return true;
}

static void
append_value(Column *column, const void *values, size_t i)
{
    const BytesView *views = values;
    Error err = ERROR_INIT;

    switch (column->storage) {
    case STORAGE_BOOL:
        column_append_bool(column, ((const uint8_t *)values)[i]);
        return;
    case STORAGE_I32:
        column_append_i32(column, ((const int32_t *)values)[i]);
        return;
    case STORAGE_I64:
        column_append_i64(column, ((const int64_t *)values)[i]);
        return;
    case STORAGE_F32:
        column_append_f32(column, ((const float *)values)[i]);
        return;
    case STORAGE_F64:
        column_append_f64(column, ((const double *)values)[i]);
        return;
    case STORAGE_FIXED16:
        column_append_fixed16(column, views[i].data);
        return;
    case STORAGE_BYTES:
        if (!column_append_bytes(column, views[i].data, views[i].size, &err))
            abort();
        return;
    case STORAGE_I128:
    case STORAGE_LIST:
        abort(); /* load_schema refuses them */
    }
}

/* Puts one batch of the reader behind the rows that the column has; *row counts them. */
static void
append_batch(BenchTable *table, size_t column, const ColumnBatch *batch, size_t *row,
             size_t batch_rows)
{
    size_t value = 0;

    for (size_t i = 0; i < batch->level_count; i++, (*row)++) {
        Column *to = &table->batches[*row / batch_rows].columns[column];
        if (batch->definitions != NULL && batch->definitions[i] == 0)
            column_append_null(to);
        else
            append_value(to, batch->values, value++);
    }
}

static bool
load_column(BenchTable *table, const ParquetFile *file, size_t column, size_t batch_rows,
            Error *err)
{
    size_t row = 0;

    for (size_t group = 0; group < file->row_group_count; group++) {
        ColumnReader *reader = NULL;
        ColumnBatch batch;
        bool has_batch = true;
        bool ok = column_reader_open(file, group, column, false, &reader, err);
        while (ok && has_batch) {
            ok = column_reader_next(reader, &batch, &has_batch, err);
            if (ok && has_batch)
                append_batch(table, column, &batch, &row, batch_rows);
        }
        column_reader_free(reader);
        if (!ok)
            return false;
    }
    return true;
}

static bool
load_batches(BenchTable *table, const ParquetFile *file, size_t batch_rows, Error *err)
{
    size_t rows = (size_t)file->row_count;

    table->batch_count = (rows + batch_rows - 1) / batch_rows;
    table->batches = memory_alloc_zero(table->batch_count, sizeof(*table->batches));
    for (size_t i = 0; i < table->batch_count; i++) {
        batch_init(&table->batches[i], &table->schema, batch_rows, SIZE_MAX);
        table->batches[i].row_count = size_min(batch_rows, rows - i * batch_rows);
    }
    for (size_t i = 0; i < file->leaf_count; i++)
        if (!load_column(table, file, i, batch_rows, err))
            return false;
    for (size_t i = 0; i < table->batch_count; i++)
        bench_table_count(table, &table->batches[i]);
    return true;
}

bool
bench_table_load(BenchTable *table, const char *path, size_t batch_rows, Error *err)
{
    Readable from = {0};
    ParquetFile file = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *table = (BenchTable){0};
    if (fd < 0)
        return error_set_errno(err, ERR_IO, errno, "%s", path);
    bool ok = readable_open_fd(fd, &from, err) && parquet_file_open(&file, &from, NULL, err) &&
              load_schema(table, &file, err) && load_batches(table, &file, batch_rows, err);
    parquet_file_release(&file);
    readable_close(&from);
    return ok;
}
