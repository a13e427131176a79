#include "format/parquet/footer_parse.h"

/* The union LogicalType and the structs inside its members. */

static TimeUnit
parse_time_unit(ThriftReader *reader)
{
    TimeUnit unit = UNIT_NONE;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id >= UNIT_MILLIS && field.id <= UNIT_NANOS)
            unit = (TimeUnit)field.id;
        thrift_skip(reader, field);
    }
    return unit;
}

static void
parse_decimal_type(ThriftReader *reader, LogicalType *out)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id == 1)
            out->scale = thrift_read_i32(reader, field);
        else if (field.id == 2)
            out->precision = thrift_read_i32(reader, field);
        else
            thrift_skip(reader, field);
    }
}

static void
parse_time_type(ThriftReader *reader, LogicalType *out)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id == 1)
            out->is_utc = thrift_read_bool(reader, field);
        else if (field.id == 2 && thrift_expect_struct(reader, field))
            out->unit = parse_time_unit(reader);
        else
            thrift_skip(reader, field);
    }
}

static void
parse_integer_type(ThriftReader *reader, LogicalType *out)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id == 1)
            out->bit_width = thrift_read_i8(reader, field);
        else if (field.id == 2)
            out->is_signed = thrift_read_bool(reader, field);
        else
            thrift_skip(reader, field);
    }
}

static LogicalType
parse_logical_type(ThriftReader *reader)
{
    LogicalType out = {0};
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (!thrift_expect_struct(reader, field))
            continue;
        out = (LogicalType){.kind = (LogicalKind)field.id};
        if (field.id == LOGICAL_DECIMAL)
            parse_decimal_type(reader, &out);
        else if (field.id == LOGICAL_TIME || field.id == LOGICAL_TIMESTAMP)
            parse_time_type(reader, &out);
        else if (field.id == LOGICAL_INTEGER)
            parse_integer_type(reader, &out);
        else
            thrift_skip(reader, field);
    }
    return out;
}

static SchemaElement
parse_element(ThriftReader *reader)
{
    SchemaElement out = {
        .type = -1,
        .type_length = -1,
        .repetition = REPETITION_NONE,
        .converted = CONVERTED_NONE,
        .scale = -1,
        .precision = -1,
    };
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        switch (field.id) {
        case 1:
            out.type = thrift_read_i32(reader, field);
            break;
        case 2:
            out.type_length = thrift_read_i32(reader, field);
            break;
        case 3:
            out.repetition = (Repetition)thrift_read_i32(reader, field);
            break;
        case 4:
            out.name = thrift_read_bytes(reader, field);
            break;
        case 5:
            out.child_count = thrift_read_i32(reader, field);
            break;
        case 6:
            out.converted = (ConvertedType)thrift_read_i32(reader, field);
            break;
        case 7:
            out.scale = thrift_read_i32(reader, field);
            break;
        case 8:
            out.precision = thrift_read_i32(reader, field);
            break;
        case 10:
            if (thrift_expect_struct(reader, field))
                out.logical = parse_logical_type(reader);
            break;
        default:
            thrift_skip(reader, field);
        }
    }
    if (out.name.data == NULL)
        thrift_reader_fail(reader, "a schema element has no name");
    return out;
}

void
footer_parse_schema_list(FooterParser *parser, ThriftField field, ParquetFile *file)
{
    ThriftReader *reader = &parser->reader;
    enum { MIN_ELEMENT_BYTES = 3 }; /* its name */
    size_t count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, MIN_ELEMENT_BYTES);

    file->schema = footer_take(parser, count, sizeof(*file->schema));
    file->schema_count = count;
    for (size_t i = 0; i < count && reader->problem == NULL; i++)
        file->schema[i] = parse_element(reader);
}

/* One group on the way from the root to the element at hand. */
typedef struct OpenGroup {
    uint32_t element;
    int32_t children_left;
    uint8_t definition;
    uint8_t repetition;
} OpenGroup;

static bool
fail_at(const SchemaElement *element, size_t number, const char *problem, Error *err)
{
    return error_set(err, ERR_FORMAT, "damaged footer: schema element %zu \"%.*s\" %s", number,
                     (int)size_min(element->name.size, 64), (const char *)element->name.data,
                     problem);
}

static bool
check_element(const SchemaElement *element, size_t number, Error *err)
{
    if (element->repetition < REPETITION_REQUIRED || element->repetition > REPETITION_REPEATED)
        return fail_at(element, number, "has no known repetition", err);
    if (element->child_count < 0)
        return fail_at(element, number, "has fewer than no children", err);
    if (element->child_count > 0)
        return true;
    if (element->type < -1 || element->type > PHYSICAL_FIXED)
        return fail_at(element, number, "has an unknown physical type", err);
    if (element->type == PHYSICAL_FIXED && element->type_length <= 0)
        return fail_at(element, number, "has no fixed length", err);
    return true;
}

static void
add_leaf(ParquetFile *file, size_t number, const OpenGroup *parent)
{
    const SchemaElement *element = &file->schema[number];
    bool is_fixed = element->type == PHYSICAL_FIXED;

    file->leaves[file->leaf_count++] = (SchemaLeaf){
        .element = (uint32_t)number,
        .type = (PhysicalType)element->type,
        .fixed_bytes = is_fixed ? (size_t)element->type_length : 0,
        .max_definition =
            (uint8_t)(parent->definition + (element->repetition != REPETITION_REQUIRED)),
        .max_repetition =
            (uint8_t)(parent->repetition + (element->repetition == REPETITION_REPEATED)),
    };
}

/* Elements come depth first, so a stack of the groups still open shows each one's parent. */
static bool
walk_elements(ParquetFile *file, OpenGroup *stack, Error *err)
{
    size_t depth = 1;

    stack[0] = (OpenGroup){.children_left = file->schema[0].child_count};
    for (size_t i = 1; i < file->schema_count; i++) {
        const SchemaElement *element = &file->schema[i];
        while (depth > 0 && stack[depth - 1].children_left == 0)
            depth--;
        if (depth == 0)
            return fail_at(element, i, "has no parent", err);
        OpenGroup *parent = &stack[depth - 1];
        parent->children_left--;
        file->parents[i] = parent->element;
        if (!check_element(element, i, err))
            return false;
        if (element->child_count == 0) {
            if (element->type >= 0) /* else a group without columns */
                add_leaf(file, i, parent);
            continue;
        }
        if (depth == SCHEMA_DEPTH_MAX)
            return fail_at(element, i, "nests too deep", err);
        stack[depth++] = (OpenGroup){
            .element = (uint32_t)i,
            .children_left = element->child_count,
            .definition =
                (uint8_t)(parent->definition + (element->repetition != REPETITION_REQUIRED)),
            .repetition =
                (uint8_t)(parent->repetition + (element->repetition == REPETITION_REPEATED)),
        };
    }
    while (depth > 0 && stack[depth - 1].children_left == 0)
        depth--;
    return depth == 0 || error_set(err, ERR_FORMAT, "damaged footer: the schema ends too early");
}

bool
footer_build_leaves(FooterParser *parser, ParquetFile *file, Error *err)
{
    OpenGroup stack[SCHEMA_DEPTH_MAX];

    if (file->schema_count == 0)
        return error_set(err, ERR_FORMAT, "damaged footer: it has no schema");
    if (file->schema[0].child_count < 0)
        return fail_at(&file->schema[0], 0, "has fewer than no children", err);
    file->leaves = footer_take(parser, file->schema_count, sizeof(*file->leaves));
    file->parents = footer_take(parser, file->schema_count, sizeof(*file->parents));
    if (parser->is_over_memory)
        return false;
    return walk_elements(file, stack, err);
}

void
leaf_path(const ParquetFile *file, size_t leaf, char *text, size_t size_bytes)
{
    uint32_t chain[SCHEMA_DEPTH_MAX + 1];
    size_t depth = 0;
    size_t used = 0;

    for (uint32_t at = file->leaves[leaf].element; at != 0; at = file->parents[at])
        chain[depth++] = at;
    text[0] = '\0';
    while (depth > 0 && used < size_bytes) {
        BytesView name = file->schema[chain[--depth]].name;
        int length =
            snprintf(text + used, size_bytes - used, "%.*s%s", (int)size_min(name.size, size_bytes),
                     (const char *)name.data, depth > 0 ? "." : "");
        used += length > 0 ? (size_t)length : 0;
    }
}
