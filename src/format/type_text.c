#include "format/format.h"

#include "format/parquet/inspect_value.h"
#include "format/parquet/layout.h"

/* "INT64 TIMESTAMP(MICROS,UTC)", "FIXED_LEN_BYTE_ARRAY(13) DECIMAL(30,2)", "BOOLEAN" */
static void
append_leaf(const LeafLayout *leaf, Buffer *out)
{
    const SchemaElement element = {
        .type = (int32_t)leaf->physical, .converted = leaf->converted, .logical = leaf->logical};
    Buffer logical = {0};

    buffer_append_text(out, physical_type_name((int32_t)leaf->physical));
    if (leaf->type_length >= 0)
        buffer_append_format(out, "(%" PRId32 ")", leaf->type_length);
    logical_type_text(&element, &logical);
    if (logical.size > 0)
        buffer_append_format(out, " %s", buffer_text(&logical));
    buffer_release(&logical);
}

void
format_type_text(FormatKind kind, const ColumnSchema *column, Buffer *out)
{
    LeafLayout leaf;

    if (kind == FORMAT_CSV) {
        buffer_append_text(out, column->type.kind == TYPE_LIST ? "JSON array" : "text");
        return;
    }
    layout_init(&leaf, column);
    if (leaf.is_list)
        buffer_append_text(out, "LIST of ");
    append_leaf(&leaf, out);
}
