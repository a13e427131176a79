#include "tiny_file.h"

#include "build.h"
#include "format/parquet/codec.h"

enum { I32 = 5, BINARY = 8, LIST = 9, STRUCT = 12 };

typedef struct Build {
    Buffer *to;
    Fact fact;
    int64_t add;
    size_t page_offset[2][2];
    size_t page_size[2][2];
    size_t uncompressed[2];
    size_t index_offset[2];
    size_t index_size[2];
    size_t location_offset[2];
    size_t location_size[2];
} Build;

/* A number of the file: wrong if it is the one asked for. */
static int64_t
fact(const Build *build, Fact which, int64_t value)
{
    return build->fact == which ? value + build->add : value;
}

static int64_t
fact_of(const Build *build, bool is_chosen, Fact which, int64_t value)
{
    return is_chosen ? fact(build, which, value) : value;
}

static void
put_u32(Buffer *to, int64_t value)
{
    uint32_t word = (uint32_t)value;

    buffer_append(to, &word, sizeof(word));
}

static void
build_body(const Build *build, Buffer *body, size_t column, size_t page)
{
    bool is_chosen = column == 1 && page == 1;

    if (column == 0) {
        int64_t ids[2] = {(int64_t)page * 20 + 10, (int64_t)page * 20 + 20};
        buffer_append(body, ids, sizeof(ids));
        return;
    }
    if (!is_chosen || build->fact < FACT_V2_NONE)
        put_u32(body, fact_of(build, is_chosen, FACT_LEVEL_BYTES, 2));
    buffer_append_byte(body, 0x03); /* one packed group: 1 0 */
    buffer_append_byte(body, (uint8_t)fact_of(build, is_chosen, FACT_LEVEL_VALUE, 1));
    put_u32(body, fact_of(build, is_chosen, FACT_VALUE_BYTES, 1));
    buffer_append_byte(body, page == 0 ? 'a' : 'b');
}

static void
build_v1_header(const Build *build, bool is_chosen)
{
    Buffer *to = build->to;

    build_field(to, 1, STRUCT);
    build_i32(to, 1, fact_of(build, is_chosen, FACT_PAGE_VALUES, 2));
    build_i32(to, 1, fact_of(build, is_chosen, FACT_PAGE_ENCODING, 0));
    build_i32(to, 1, 3);
    build_i32(to, 1, 3);
    build_end(to);
}

static void
build_v2_header(const Build *build)
{
    Buffer *to = build->to;

    build_field(to, 4, STRUCT);
    build_i32(to, 1, 2);
    build_i32(to, 1, fact(build, FACT_V2_NULLS, 1));
    build_i32(to, 1, fact(build, FACT_V2_ROWS, 2));
    build_i32(to, 1, 0);
    build_i32(to, 1, fact(build, FACT_V2_DEFINITION_BYTES, 2));
    build_i32(to, 1, fact(build, FACT_V2_REPETITION_BYTES, 0));
    build_end(to);
}

static void
build_page(Build *build, size_t column, size_t page)
{
    bool is_chosen = column == 1 && page == 1;
    bool is_v2 = is_chosen && build->fact >= FACT_V2_NONE;
    Buffer body = {0};
    Buffer *to = build->to;
    size_t start = to->size;

    build_body(build, &body, column, page);
    int64_t crc = (int32_t)page_crc32(body.data, body.size);
    build_i32(to, 1, fact_of(build, is_chosen, FACT_PAGE_TYPE, is_v2 ? 3 : 0));
    build_i32(to, 1, fact_of(build, is_chosen, FACT_PAGE_UNCOMPRESSED, (int64_t)body.size));
    build_i32(to, 1, fact_of(build, is_chosen, FACT_PAGE_COMPRESSED, (int64_t)body.size));
    build_i32(to, 1, (int32_t)fact_of(build, is_chosen, FACT_PAGE_CRC, crc));
    if (is_v2)
        build_v2_header(build);
    else
        build_v1_header(build, is_chosen);
    build_end(to);
    buffer_append(to, body.data, body.size);
    build->page_offset[column][page] = start;
    build->page_size[column][page] = to->size - start;
    build->uncompressed[column] += to->size - start;
    buffer_release(&body);
}

/* A bound of either column: 8 bytes or one letter. */
static void
build_bound(Buffer *to, size_t column, int64_t value)
{
    build_varint(to, column == 0 ? 8 : 1);
    buffer_append(to, &value, column == 0 ? 8 : 1);
}

static int64_t
value_of(size_t column, size_t page, bool is_max)
{
    if (column == 1)
        return page == 0 ? 'a' : 'b';
    return (int64_t)page * 20 + (is_max ? 20 : 10);
}

static void
build_column_index(Build *build, size_t column)
{
    Buffer *to = build->to;
    bool is_chosen = column == 1;

    build->index_offset[column] = to->size;
    build_list(to, 1, 1, 2);
    buffer_append_byte(to, 2);
    buffer_append_byte(to, (uint8_t)fact_of(build, is_chosen, FACT_INDEX_NULL_PAGE, 2));
    for (int is_max = 0; is_max < 2; is_max++) {
        Fact which = is_max == 1 ? FACT_INDEX_MAX : FACT_INDEX_MIN;
        build_list(to, 1, BINARY, 2);
        build_bound(to, column, value_of(column, 0, is_max == 1));
        build_bound(to, column, fact_of(build, is_chosen, which, value_of(column, 1, is_max == 1)));
    }
    build_i32(to, 1, fact_of(build, is_chosen, FACT_INDEX_ORDER, 1));
    build_list(to, 1, 6, 2);
    build_zigzag(to, column == 0 ? 0 : 1);
    build_zigzag(to, fact_of(build, is_chosen, FACT_INDEX_NULLS, column == 0 ? 0 : 1));
    build_end(to);
    build->index_size[column] = to->size - build->index_offset[column];
}

static void
build_offset_index(Build *build, size_t column)
{
    Buffer *to = build->to;
    bool is_chosen = column == 1;
    size_t count = (size_t)fact_of(build, is_chosen, FACT_LOCATION_COUNT, 2);

    build->location_offset[column] = to->size;
    build_list(to, 1, STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        size_t page = i < 2 ? i : 1;
        bool is_second = is_chosen && page == 1;
        build_i64(to, 1,
                  fact_of(build, is_second, FACT_LOCATION_OFFSET,
                          (int64_t)build->page_offset[column][page]));
        build_i32(
            to, 1,
            fact_of(build, is_second, FACT_LOCATION_SIZE, (int64_t)build->page_size[column][page]));
        build_i64(to, 1, fact_of(build, is_second, FACT_LOCATION_ROW, (int64_t)page * 2));
        build_end(to);
    }
    build_end(to);
    build->location_size[column] = to->size - build->location_offset[column];
}

static void
build_statistics(const Build *build, size_t column)
{
    Buffer *to = build->to;
    bool is_chosen = column == 1;

    build_i64(to, 3, fact_of(build, is_chosen, FACT_META_NULLS, column == 0 ? 0 : 2));
    build_field(to, 2, BINARY);
    build_bound(to, column, fact_of(build, is_chosen, FACT_META_MAX, value_of(column, 1, true)));
    build_field(to, 1, BINARY);
    build_bound(to, column, fact_of(build, is_chosen, FACT_META_MIN, value_of(column, 0, false)));
    build_end(to);
}

static void
build_meta(const Build *build, size_t column)
{
    static const char *const NAMES[] = {"id", "name"};
    Buffer *to = build->to;
    bool is_chosen = column == 1;
    int64_t size = (int64_t)build->uncompressed[column];

    build_i32(to, 1, fact_of(build, is_chosen, FACT_META_TYPE, column == 0 ? 2 : 6));
    build_list(to, 1, I32, 2);
    build_zigzag(to, fact_of(build, is_chosen, FACT_META_ENCODINGS, 0));
    build_zigzag(to, 3);
    build_list(to, 1, BINARY, 1);
    build_varint(to, strlen(NAMES[column]));
    size_t name_at = to->size;
    buffer_append_text(to, NAMES[column]);
    to->data[name_at] = (uint8_t)fact_of(build, is_chosen, FACT_META_PATH, to->data[name_at]);
    build_i32(to, 1, fact_of(build, is_chosen, FACT_META_CODEC, 0));
    build_i64(to, 1, fact_of(build, is_chosen, FACT_META_VALUES, 4));
    build_i64(to, 1, fact_of(build, is_chosen, FACT_META_UNCOMPRESSED, size));
    build_i64(to, 1, fact_of(build, is_chosen, FACT_META_COMPRESSED, size));
    build_i64(to, 2,
              fact_of(build, is_chosen, FACT_META_OFFSET, (int64_t)build->page_offset[column][0]));
    build_field(to, 3, STRUCT);
    build_statistics(build, column);
    build_list(to, 1, STRUCT, 1);
    build_i32(to, 1, 0);
    build_i32(to, 1, 0);
    build_i32(to, 1, fact_of(build, is_chosen, FACT_META_STATS_COUNT, 2));
    build_end(to);
    build_end(to);
}

static void
build_chunk(const Build *build, size_t column)
{
    Buffer *to = build->to;

    build_i64(to, 2, 0);
    build_field(to, 1, STRUCT);
    build_meta(build, column);
    build_i64(to, 1, (int64_t)build->location_offset[column]);
    build_i32(to, 1, (int64_t)build->location_size[column]);
    build_i64(to, 1,
              fact_of(build, column == 1, FACT_INDEX_OFFSET, (int64_t)build->index_offset[column]));
    build_i32(to, 1, (int64_t)build->index_size[column]);
    build_end(to);
}

static void
build_schema(const Build *build)
{
    Buffer *to = build->to;

    build_list(to, 1, STRUCT, 3);
    build_text(to, 4, "schema");
    build_i32(to, 1, fact(build, FACT_SCHEMA_CHILDREN, 2));
    build_end(to);
    build_i32(to, 1, 2);
    build_i32(to, 2, 0);
    build_text(to, 1, "id");
    build_end(to);
    build_i32(to, 1, fact(build, FACT_SCHEMA_TYPE, 6));
    build_i32(to, 2, fact(build, FACT_SCHEMA_REPETITION, 1));
    build_text(to, 1, "name");
    build_i32(to, 2, 0);
    build_end(to);
}

static void
build_footer(const Build *build)
{
    Buffer *to = build->to;
    int64_t total = (int64_t)(build->uncompressed[0] + build->uncompressed[1]);
    size_t columns = (size_t)fact(build, FACT_GROUP_COLUMNS, 2);

    build_i32(to, 1, 1);
    build_schema(build);
    build_i64(to, 1, fact(build, FACT_FILE_ROWS, 4));
    build_list(to, 1, STRUCT, 1);
    build_list(to, 1, STRUCT, columns);
    for (size_t i = 0; i < columns; i++)
        build_chunk(build, i < 2 ? i : 1);
    build_i64(to, 1, fact(build, FACT_GROUP_UNCOMPRESSED, total));
    build_i64(to, 1, fact(build, FACT_GROUP_ROWS, 4));
    build_i64(to, 2, fact(build, FACT_GROUP_OFFSET, 4));
    build_i64(to, 1, fact(build, FACT_GROUP_COMPRESSED, total));
    build_field(to, 1, 4);
    build_zigzag(to, fact(build, FACT_GROUP_ORDINAL, 0));
    build_end(to);
    size_t orders = (size_t)fact(build, FACT_ORDER_COUNT, 2);
    build_text(to, 2, "test version 1 (build 1)");
    build_list(to, 1, STRUCT, orders);
    for (size_t i = 0; i < orders; i++) {
        build_field(to, 1, STRUCT);
        build_end(to);
        build_end(to);
    }
    build_end(to);
}

void
tiny_file_build(Buffer *to, Fact which, int64_t add)
{
    Build build = {.to = to, .fact = which, .add = add};

    buffer_reset(to);
    buffer_append_text(to, "PAR1");
    for (size_t column = 0; column < 2; column++) {
        for (size_t page = 0; page < 2; page++)
            build_page(&build, column, page);
    }
    for (size_t column = 0; column < 2; column++)
        build_column_index(&build, column);
    for (size_t column = 0; column < 2; column++)
        build_offset_index(&build, column);
    size_t footer_at = to->size;
    build_footer(&build);
    for (int64_t i = 0; i < fact(&build, FACT_FOOTER_TAIL, 0); i++)
        buffer_append_byte(to, 0);
    put_u32(to, fact(&build, FACT_FOOTER_LENGTH, (int64_t)(to->size - footer_at)));
    buffer_append_text(to, "PAR1");
}
