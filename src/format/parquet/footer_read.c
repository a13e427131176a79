#include "format/parquet/footer_read.h"

#include "format/parquet/bits.h"
#include "format/parquet/footer_parse.h"

enum { MIB = 1 << 20 };

const ReadLimits READ_LIMITS_DEFAULT = {
    .footer_max_bytes = (size_t)512 * MIB,
    .footer_memory_max_bytes = (size_t)1024 * MIB,
    .page_max_bytes = INT32_MAX,
};

void *
footer_take(FooterParser *parser, size_t count, size_t size_bytes)
{
    if (parser->reader.problem != NULL)
        return NULL;
    if (count > parser->memory_left / size_bytes) {
        parser->is_over_memory = true;
        thrift_reader_fail(&parser->reader, "it would take too much memory");
        return NULL;
    }
    parser->memory_left -= count * size_bytes;
    return arena_alloc(parser->arena, count * size_bytes);
}

static FooterKeyValue
parse_key_value(ThriftReader *reader)
{
    FooterKeyValue out = {0};
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id == 1)
            out.key = thrift_read_bytes(reader, field);
        else if (field.id == 2)
            out.value = thrift_read_bytes(reader, field);
        else
            thrift_skip(reader, field);
    }
    return out;
}

static void
parse_key_values(FooterParser *parser, ThriftField field, ParquetFile *file)
{
    ThriftReader *reader = &parser->reader;
    size_t count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, 1);

    file->key_values = footer_take(parser, count, sizeof(*file->key_values));
    file->key_value_count = count;
    for (size_t i = 0; i < count && reader->problem == NULL; i++)
        file->key_values[i] = parse_key_value(reader);
}

static uint8_t
parse_column_order(ThriftReader *reader)
{
    uint8_t order = 0;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        order = field.id > 0 && field.id < 256 ? (uint8_t)field.id : 0;
        thrift_skip(reader, field);
    }
    return order;
}

static void
parse_column_orders(FooterParser *parser, ThriftField field, ParquetFile *file)
{
    ThriftReader *reader = &parser->reader;
    size_t count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, 1);

    file->column_orders = footer_take(parser, count, sizeof(*file->column_orders));
    file->column_order_count = count;
    for (size_t i = 0; i < count && reader->problem == NULL; i++)
        file->column_orders[i] = parse_column_order(reader);
}

static SortingColumn
parse_sorting_column(ThriftReader *reader)
{
    SortingColumn out = {0};
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id == 1)
            out.column = thrift_read_i32(reader, field);
        else if (field.id == 2)
            out.is_descending = thrift_read_bool(reader, field);
        else if (field.id == 3)
            out.is_nulls_first = thrift_read_bool(reader, field);
        else
            thrift_skip(reader, field);
    }
    return out;
}

static void
parse_sorting(FooterParser *parser, ThriftField field, FooterRowGroup *group)
{
    ThriftReader *reader = &parser->reader;
    size_t count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, 1);

    group->sorting = footer_take(parser, count, sizeof(*group->sorting));
    group->sorting_count = count;
    for (size_t i = 0; i < count && reader->problem == NULL; i++)
        group->sorting[i] = parse_sorting_column(reader);
}

/* leaf_count is known: the schema comes first in the footer, or parsing ends in an error. */
static void
parse_columns(FooterParser *parser, ThriftField field, const ParquetFile *file,
              FooterRowGroup *group)
{
    ThriftReader *reader = &parser->reader;
    enum { MIN_COLUMN_BYTES = 3 }; /* file_offset and the end */
    size_t count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, MIN_COLUMN_BYTES);

    if (count != file->leaf_count)
        thrift_reader_fail(reader, "a row group has another number of columns than the schema");
    group->columns = footer_take(parser, count, sizeof(*group->columns));
    for (size_t i = 0; i < count && reader->problem == NULL; i++)
        footer_parse_column(parser, &group->columns[i]);
}

static void
parse_row_group(FooterParser *parser, const ParquetFile *file, FooterRowGroup *group)
{
    ThriftReader *reader = &parser->reader;
    bool has_columns = false;
    bool has_rows = false;

    *group = (FooterRowGroup){.file_offset = -1, .compressed_size = -1, .ordinal = -1};
    ThriftField field = thrift_enter(reader);
    while (thrift_next_field(reader, &field)) {
        switch (field.id) {
        case 1:
            has_columns = true;
            parse_columns(parser, field, file, group);
            break;
        case 2:
            group->uncompressed_size = thrift_read_i64(reader, field);
            break;
        case 3:
            has_rows = true;
            group->row_count = thrift_read_i64(reader, field);
            break;
        case 4:
            parse_sorting(parser, field, group);
            break;
        case 5:
            group->file_offset = thrift_read_i64(reader, field);
            break;
        case 6:
            group->compressed_size = thrift_read_i64(reader, field);
            break;
        case 7:
            group->ordinal = thrift_read_i16(reader, field);
            break;
        default:
            thrift_skip(reader, field);
        }
    }
    if (!has_columns || !has_rows)
        thrift_reader_fail(reader, "a row group lacks a required field");
}

static bool
parse_row_groups(FooterParser *parser, ThriftField field, ParquetFile *file, Error *err)
{
    ThriftReader *reader = &parser->reader;
    enum { MIN_ROW_GROUP_BYTES = 7 }; /* its three required fields */
    size_t count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, MIN_ROW_GROUP_BYTES);

    if (file->row_groups != NULL)
        thrift_reader_fail(reader, "it has two lists of row groups");
    if (reader->problem == NULL && !footer_build_leaves(parser, file, err))
        return false;
    file->row_groups = footer_take(parser, count, sizeof(*file->row_groups));
    file->row_group_count = count;
    for (size_t i = 0; i < count && reader->problem == NULL; i++)
        parse_row_group(parser, file, &file->row_groups[i]);
    return true;
}

static bool
parse_file_field(FooterParser *parser, ThriftField field, ParquetFile *file, Error *err)
{
    ThriftReader *reader = &parser->reader;

    switch (field.id) {
    case 1:
        file->version = thrift_read_i32(reader, field);
        return true;
    case 2:
        if (file->schema != NULL)
            thrift_reader_fail(reader, "it has two schemas");
        footer_parse_schema_list(parser, field, file);
        return true;
    case 3:
        file->row_count = thrift_read_i64(reader, field);
        return true;
    case 4:
        return parse_row_groups(parser, field, file, err);
    case 5:
        parse_key_values(parser, field, file);
        return true;
    case 6:
        file->created_by = thrift_read_bytes(reader, field);
        return true;
    case 7:
        parse_column_orders(parser, field, file);
        return true;
    default: /* 8 and 9: the keys of an encrypted file; its columns say it too */
        thrift_skip(reader, field);
        return true;
    }
}

/* The sum may differ from the file's own count: old Impala wrote 0 there. */
static bool
sum_rows(ParquetFile *file, Error *err)
{
    for (size_t i = 0; i < file->row_group_count; i++) {
        int64_t rows = file->row_groups[i].row_count;
        if (rows < 0 || __builtin_add_overflow(file->row_sum, rows, &file->row_sum))
            return error_set(err, ERR_FORMAT, "damaged footer: row group %zu has %" PRId64 " rows",
                             i, rows);
    }
    return file->row_count >= 0 ||
           error_set(err, ERR_FORMAT, "damaged footer: %" PRId64 " rows", file->row_count);
}

static size_t
memory_for(const ReadLimits *limits, size_t footer_bytes)
{
    size_t floor = (size_t)64 * MIB;
    size_t by_size = footer_bytes < SIZE_MAX / 32 ? footer_bytes * 16 : SIZE_MAX / 2;

    return size_min(floor + by_size, limits->footer_memory_max_bytes);
}

bool
footer_parse(ParquetFile *file, const uint8_t *bytes, size_t size_bytes, Error *err)
{
    FooterParser parser = {
        .arena = &file->arena,
        .memory_left = memory_for(&file->limits, size_bytes),
    };
    ThriftReader *reader = &parser.reader;
    uint32_t seen = 0;
    const uint32_t required = 1U << 2 | 1U << 3 | 1U << 4;

    thrift_reader_init(reader, bytes, size_bytes);
    ThriftField field = thrift_enter(reader);
    while (thrift_next_field(reader, &field)) {
        seen |= field.id > 0 && field.id < 32 ? 1U << field.id : 0;
        if (!parse_file_field(&parser, field, file, err))
            break;
    }
    if (parser.is_over_memory)
        return error_set(err, ERR_BUDGET, "the footer of %zu bytes takes too much memory",
                         size_bytes);
    if (err->code != ERR_NONE || !thrift_reader_check(reader, "footer", err))
        return false;
    if ((seen & required) != required)
        return error_set(err, ERR_FORMAT, "damaged footer: a required field is missing");
    file->has_trailing_bytes = thrift_reader_used_bytes(reader) != size_bytes;
    return sum_rows(file, err);
}

/* Reads the tail: the footer's length and the magic. */
static bool
locate_footer(ParquetFile *file, Error *err)
{
    uint8_t head[PARQUET_MAGIC_BYTES];
    uint8_t tail[PARQUET_TAIL_BYTES];
    uint64_t size = file->from->size_bytes;

    if (size < PARQUET_MAGIC_BYTES + PARQUET_TAIL_BYTES)
        return error_set(err, ERR_FORMAT, "%" PRIu64 " bytes are too few for a Parquet file", size);
    if (!readable_read(file->from, 0, head, sizeof(head), err) ||
        !readable_read(file->from, size - sizeof(tail), tail, sizeof(tail), err))
        return false;
    if (memcmp(tail + 4, "PARE", 4) == 0)
        return error_set(err, ERR_UNSUPPORTED, "the footer is encrypted");
    if (memcmp(tail + 4, PARQUET_MAGIC, 4) != 0)
        return error_set(err, ERR_FORMAT, "no Parquet magic at the end of the file");
    if (memcmp(head, PARQUET_MAGIC, 4) != 0)
        return error_set(err, ERR_FORMAT, "no Parquet magic at the start of the file");
    file->footer_size = bits_load_u32(tail);
    if (file->footer_size > size - PARQUET_MAGIC_BYTES - PARQUET_TAIL_BYTES)
        return error_set(err, ERR_FORMAT, "a footer of %" PRIu32 " bytes in a file of %" PRIu64,
                         file->footer_size, size);
    if (file->footer_size > file->limits.footer_max_bytes)
        return error_set(err, ERR_BUDGET, "a footer of %" PRIu32 " bytes is more than %zu",
                         file->footer_size, file->limits.footer_max_bytes);
    file->footer_offset = size - PARQUET_TAIL_BYTES - file->footer_size;
    return true;
}

bool
parquet_file_open(ParquetFile *file, const Readable *from, const ReadLimits *limits, Error *err)
{
    *file = (ParquetFile){.from = from, .limits = limits != NULL ? *limits : READ_LIMITS_DEFAULT};
    if (!locate_footer(file, err))
        return false;
    file->footer_bytes = malloc((size_t)file->footer_size + 1);
    if (file->footer_bytes == NULL) {
        error_set(err, ERR_BUDGET, "no memory for a footer of %" PRIu32 " bytes",
                  file->footer_size);
        goto failed;
    }
    if (!readable_read(from, file->footer_offset, file->footer_bytes, file->footer_size, err) ||
        !footer_parse(file, file->footer_bytes, file->footer_size, err))
        goto failed;
    return true;

failed:
    parquet_file_release(file);
    return false;
}

void
parquet_file_release(ParquetFile *file)
{
    arena_release(&file->arena);
    free(file->footer_bytes);
    *file = (ParquetFile){0};
}
