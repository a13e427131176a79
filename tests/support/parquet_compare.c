#include "support/parquet_compare.h"

#include "format/parquet/column_read.h"
#include "format/parquet/encode_plain.h"
#include "format/parquet/verify.h"

static bool
read_buffer(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    const Buffer *buffer = context;

    if (offset > buffer->size || size_bytes > buffer->size - offset)
        return error_set(err, ERR_FORMAT, "read behind the end of the file");
    memcpy(bytes, buffer->data + offset, size_bytes);
    return true;
}

Readable
readable_of_buffer(const Buffer *buffer)
{
    return (Readable){
        .read = read_buffer,
        .context = (void *)(uintptr_t)buffer,
        .size_bytes = buffer->size,
    };
}

/* Walks a column entry by entry, as its levels do. */
typedef struct Walk {
    const LeafLayout *layout;
    const Column *column;
    size_t row;
    size_t value;       /* flat: value; list: list */
    size_t element;     /* list: next element row of the list at hand */
    size_t element_end; /* 0: no list is open */
    size_t element_value;
} Walk;

typedef struct Entry {
    uint8_t definition;
    uint8_t repetition;
    bool has_value;
    size_t value; /* of the leaf column */
} Entry;

static Entry
element_entry(Walk *walk, uint8_t repetition)
{
    bool is_valid = column_is_valid(walk->column->element, walk->element++);
    Entry entry = {
        .definition = is_valid ? LEVEL_ELEMENT : LEVEL_ELEMENT_NULL,
        .repetition = repetition,
        .has_value = is_valid,
        .value = walk->element_value,
    };

    walk->element_value += is_valid;
    return entry;
}

static Entry
next_list_entry(Walk *walk)
{
    if (walk->element < walk->element_end)
        return element_entry(walk, 1);
    if (!column_is_valid(walk->column, walk->row++))
        return (Entry){.definition = LEVEL_LIST_NULL};
    walk->element = walk->column->offsets[walk->value];
    walk->element_end = walk->column->offsets[++walk->value];
    if (walk->element == walk->element_end)
        return (Entry){.definition = LEVEL_LIST_EMPTY};
    return element_entry(walk, 0);
}

static Entry
next_entry(Walk *walk)
{
    if (walk->layout->is_list)
        return next_list_entry(walk);
    bool is_valid = column_is_valid(walk->column, walk->row++);
    Entry entry = {.definition = is_valid, .has_value = is_valid, .value = walk->value};
    walk->value += is_valid;
    return entry;
}

static bool
is_same_value(const Walk *walk, size_t want, const void *values, size_t got)
{
    const Column *leaf = walk->layout->is_list ? walk->column->element : walk->column;
    size_t width = walk->layout->stored_bytes;
    const BytesView *views = values;
    uint8_t decimal[sizeof(Int128)];

    switch (walk->layout->storage) {
    case STORAGE_BYTES: {
        size_t size = leaf->offsets[want + 1] - leaf->offsets[want];
        return views[got].size == size &&
               (size == 0 || memcmp(views[got].data, leaf->data + leaf->offsets[want], size) == 0);
    }
    case STORAGE_I128:
        plain_put_decimal(leaf->i128[want], walk->layout->encoded_bytes, decimal);
        return memcmp(views[got].data, decimal, walk->layout->encoded_bytes) == 0;
    case STORAGE_FIXED16:
        return memcmp(views[got].data, leaf->fixed16 + 16 * want, 16) == 0;
    default:
        return memcmp((const uint8_t *)values + got * width,
                      (const uint8_t *)leaf->values + want * width, width) == 0;
    }
}

static bool
compare_batch(Walk *walk, const ColumnBatch *got, Error *err)
{
    size_t value = 0;

    for (size_t i = 0; i < got->level_count; i++) {
        if (walk->row >= walk->column->row_count && walk->element >= walk->element_end)
            return error_set(err, ERR_CHECK, "more entries than were written");
        size_t row = walk->row;
        Entry want = next_entry(walk);
        if ((got->definitions != NULL && got->definitions[i] != want.definition) ||
            (got->repetitions != NULL && got->repetitions[i] != want.repetition))
            return error_set(err, ERR_CHECK, "row %zu has other levels", row);
        if (want.has_value && !is_same_value(walk, want.value, got->values, value++))
            return error_set(err, ERR_CHECK, "row %zu has another value", row);
    }
    return value == got->value_count || error_set(err, ERR_CHECK, "more values than levels");
}

static bool
compare_chunk(const ParquetFile *file, size_t row_group, size_t leaf, Walk *walk, Error *err)
{
    ColumnReader *reader = NULL;
    ColumnBatch batch;
    bool has_batch = true;
    bool ok = column_reader_open(file, row_group, leaf, true, &reader, err);

    while (ok && has_batch) {
        ok = column_reader_next(reader, &batch, &has_batch, err);
        if (ok && has_batch)
            ok = compare_batch(walk, &batch, err);
    }
    column_reader_free(reader);
    return ok;
}

static bool
compare_column(const ParquetFile *file, size_t leaf, const ColumnSchema *schema,
               const Column *column, size_t first, size_t count, Error *err)
{
    LeafLayout layout;
    Walk walk = {.layout = &layout, .column = column, .row = first};

    layout_init(&layout, schema);
    walk.value = column_value_index(column, first);
    if (layout.is_list)
        walk.element_value = column_value_index(column->element, column->offsets[walk.value]);
    for (size_t group = 0; group < file->row_group_count; group++)
        if (!compare_chunk(file, group, leaf, &walk, err))
            return error_add_context(err, "column=%s", schema->name);
    if (walk.row == first + count && walk.element == walk.element_end)
        return true;
    error_set(err, ERR_CHECK, "fewer rows than were written");
    return error_add_context(err, "column=%s", schema->name);
}

bool
compare_file(const Buffer *file, const Batch *batch, size_t first, size_t count, Error *err)
{
    Readable from = readable_of_buffer(file);
    VerifyExpectation want = {.kind = FORMAT_PARQUET, .schema = batch->schema, .row_count = count};
    ParquetFile parsed = {0};
    bool ok = parquet_verify(&from, &want, err) && parquet_file_open(&parsed, &from, NULL, err);

    for (size_t i = 0; ok && i < batch->column_count; i++)
        ok = compare_column(&parsed, i, &batch->schema->columns[i], &batch->columns[i], first,
                            count, err);
    parquet_file_release(&parsed);
    return ok;
}
