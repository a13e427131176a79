#include "pipeline/manifest.h"

#include <jansson.h>

#include "util/clock.h"
#include "util/memory.h"

enum { MANIFEST_VERSION = 1 };

const char *
manifest_key(const char *export_name, const char *run_id, const char *stamp, Arena *arena)
{
    const char *random = strrchr(stamp, '_');

    return arena_format(arena, "_rivet/%s/%s_%s.json", export_name, run_id,
                        random == NULL ? stamp : random + 1);
}

static json_t *
column_of(const ColumnSchema *column, FormatKind format)
{
    char type[TYPE_NAME_BYTES];
    Buffer parquet_type = {0};

    type_name(&column->type, type);
    json_t *facts = json_pack("{ss ss ss sb}", "name", column->name, "source_type",
                              column->source_type, "type", type, "required", column->is_required);
    if (format == FORMAT_PARQUET) {
        format_type_text(format, column, &parquet_type);
        json_object_set_new(facts, "parquet_type", json_string(buffer_text(&parquet_type)));
    }
    buffer_release(&parquet_type);
    return facts;
}

static json_t *
columns_of(const Schema *schema, FormatKind format)
{
    json_t *list = json_array();

    for (size_t i = 0; i < schema->column_count; i++)
        json_array_append_new(list, column_of(&schema->columns[i], format));
    return list;
}

typedef struct PartFacts {
    const char *key;
    const char *store_check;
    uint64_t rows;
    uint64_t bytes;
    uint64_t xxh3;
} PartFacts;

/* Parts, and their totals on the way. */
typedef struct PartList {
    json_t *items;
    size_t count;
    uint64_t rows;
    uint64_t bytes;
} PartList;

static void
add_part(PartList *list, const PartFacts *part)
{
    char xxh3[17];

    snprintf(xxh3, sizeof(xxh3), "%016" PRIx64, part->xxh3);
    json_t *item = json_pack("{ss sI sI ss}", "key", part->key, "rows", (json_int_t)part->rows,
                             "bytes", (json_int_t)part->bytes, "xxh3", xxh3);
    if (part->store_check != NULL && part->store_check[0] != '\0')
        json_object_set_new(item, "store_checksum", json_string(part->store_check));
    json_array_append_new(list->items, item);
    list->count++;
    list->rows += part->rows;
    list->bytes += part->bytes;
}

static void
set_parts(json_t *root, PartList *list)
{
    json_object_set_new(root, "parts", list->items);
    json_object_set_new(root, "totals",
                        json_pack("{sI sI sI}", "parts", (json_int_t)list->count, "rows",
                                  (json_int_t)list->rows, "bytes", (json_int_t)list->bytes));
}

static void
set_ended(json_t *root)
{
    char ended[CLOCK_TEXT_BYTES];

    clock_format_rfc3339(clock_now_us(), ended);
    json_object_set_new(root, "ended_at", json_string(ended));
}

/* JSON stored as text becomes JSON again; null when there is none. */
static json_t *
parsed(const char *text)
{
    json_t *value = text == NULL ? NULL : json_loads(text, JSON_DECODE_ANY, NULL);

    return value == NULL ? json_null() : value;
}

/* What a reader has to know before the first byte. */
static json_t *
format_of(const ExportConfig *export)
{
    const char delimiter[] = {export->csv.delimiter, '\0'};
    json_t *format = json_pack("{ss ss}", "kind", format_word(export->format), "compression",
                               compression_word(export->compression));

    if (export->format == FORMAT_CSV) {
        json_object_set_new(format, "delimiter", json_string(delimiter));
        json_object_set_new(format, "header", json_boolean(export->csv.has_header));
    }
    return format;
}

static json_t *
head_of(const ManifestFacts *facts)
{
    const UnitResult *unit = facts->unit;
    char started[CLOCK_TEXT_BYTES];

    clock_format_rfc3339(facts->run->started_us, started);
    json_t *root = json_pack(
        "{si ss ss ss ss s{ss ss} ss so}", "manifest_version", MANIFEST_VERSION, "run_id",
        facts->run->run_id, "export", facts->export->name, "mode",
        export_mode_word(facts->export->mode), "started_at", started, "source", "identity",
        unit->source_identity, "server_version", unit->server_version, "query_fingerprint",
        facts->query_hash, "schema", columns_of(unit->schema, facts->export->format));
    json_object_set_new(root, "format", format_of(facts->export));
    json_object_set_new(root, "cursor",
                        json_pack("{so so}", "before", parsed(facts->cursor_before), "after",
                                  parsed(facts->cursor_after)));
    json_object_set_new(root, "bounds", parsed(facts->bounds));
    if (facts->note != NULL)
        json_object_set_new(root, "consistency", json_string(facts->note));
    return root;
}

/* json_dumps fails only on text that is not UTF-8, which the loader and the sources refuse. */
static char *
take_text(json_t *root)
{
    char *text = json_dumps(root, JSON_INDENT(2));

    json_decref(root);
    return text == NULL ? memory_dup_string("{}") : text;
}

char *
manifest_json(const ManifestFacts *facts)
{
    const UnitResult *unit = facts->unit;
    json_t *root = head_of(facts);
    PartList list = {.items = json_array()};

    for (size_t i = 0; i < unit->part_count; i++) {
        const SealedPart *part = &unit->parts[i];
        add_part(&list, &(PartFacts){.key = part->ref.key,
                                     .store_check = part->ref.store_check,
                                     .rows = part->row_count,
                                     .bytes = part->ref.size_bytes,
                                     .xxh3 = part->ref.xxh3});
    }
    set_ended(root);
    set_parts(root, &list);
    return take_text(root);
}

char *
manifest_head(const ManifestFacts *facts)
{
    return take_text(head_of(facts));
}

char *
manifest_complete(const char *head, const PartRow *parts, size_t count)
{
    json_t *root = head == NULL ? NULL : json_loads(head, 0, NULL);
    PartList list = {.items = json_array()};

    for (size_t i = 0; i < count; i++)
        add_part(&list, &(PartFacts){.key = parts[i].key,
                                     .store_check = parts[i].store_check,
                                     .rows = parts[i].rows,
                                     .bytes = parts[i].bytes,
                                     .xxh3 = parts[i].xxh3});
    if (root == NULL || count == 0) {
        json_decref(list.items);
        json_decref(root);
        return NULL;
    }
    set_ended(root);
    set_parts(root, &list);
    return take_text(root);
}
