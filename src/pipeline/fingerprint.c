#include "pipeline/fingerprint.h"

#include <xxhash.h>

#include "util/buffer.h"

static void
digest(const Buffer *input, char text[FINGERPRINT_BYTES])
{
    uint64_t hash = XXH3_64bits(input->size == 0 ? "" : (const void *)input->data, input->size);

    snprintf(text, FINGERPRINT_BYTES, "%016" PRIx64, hash);
}

void
fingerprint_query(const char *query, char text[FINGERPRINT_BYTES])
{
    Buffer input = {0};

    buffer_append_text(&input, query);
    digest(&input, text);
    buffer_release(&input);
}

void
fingerprint_plan(const char *query, TextList chunk_columns, int64_t chunk_size, const char *kind,
                 char text[FINGERPRINT_BYTES])
{
    Buffer input = {0};

    buffer_append_text(&input, query);
    buffer_append_byte(&input, 0x1F);
    for (size_t i = 0; i < chunk_columns.count; i++) {
        if (i > 0)
            buffer_append_byte(&input, 0x1E);
        buffer_append_text(&input, chunk_columns.items[i]);
    }
    buffer_append_byte(&input, 0x1F);
    buffer_append_format(&input, "%" PRId64, chunk_size);
    buffer_append_byte(&input, 0x1F);
    buffer_append_text(&input, kind);
    digest(&input, text);
    buffer_release(&input);
}

/* Length first, so that moving a byte from one field to the next changes the input. */
static void
add_text(Buffer *input, const char *text)
{
    uint32_t length = text == NULL ? UINT32_MAX : (uint32_t)strlen(text);

    buffer_append(input, &length, sizeof(length));
    if (text != NULL)
        buffer_append_text(input, text);
}

static void
add_number(Buffer *input, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, number);
    add_text(input, text);
}

static void
add_type_rules(Buffer *input, const TypeRules *rules)
{
    add_number(input, rules->types);
    add_number(input, rules->infinity);
    add_number(input, rules->decimal_special);
    add_number(input, rules->zero_dates);
    add_number(input, rules->invalid_utf8);
    add_number(input, rules->tinyint1);
    add_number(input, (int64_t)rules->override_count);
    for (size_t i = 0; i < rules->override_count; i++) {
        add_text(input, rules->overrides[i].column);
        add_number(input, rules->overrides[i].kind);
        add_number(input, rules->overrides[i].precision);
        add_number(input, rules->overrides[i].scale);
    }
}

static void
add_compression(Buffer *input, const ExportConfig *export)
{
    add_text(input, compression_word(export->compression));
    add_number(input, export->compression_level.is_set ? export->compression_level.value : -1);
}

static void
add_csv(Buffer *input, const ExportConfig *export)
{
    add_number(input, export->csv.delimiter);
    add_text(input, export->csv.null);
    add_number(input, export->csv.has_header);
    add_number(input, export->csv.quote);
}

/* encode_threads is left out: it never reaches the bytes. */
static void
add_parquet(Buffer *input, const ExportConfig *export)
{
    const ParquetConfig *parquet = &export->parquet;

    add_number(input, parquet->encoding);
    add_number(input, parquet->row_group_mb);
    add_number(input, parquet->page_kb);
    add_number(input, parquet->dictionary);
    add_number(input, (int64_t)parquet->bloom.count);
    for (size_t i = 0; i < parquet->bloom.count; i++)
        add_text(input, parquet->bloom.items[i]);
    add_number(input, parquet->statistics);
    add_number(input, parquet->spark_compat);
}

static void
add_meta_columns(Buffer *input, const ExportConfig *export)
{
    add_number(input, export->meta_columns.has_exported_at);
    add_number(input, export->meta_columns.has_row_hash);
}

static void
add_names(Buffer *input, const ExportConfig *export)
{
    add_number(input, (int64_t) export->max_file_size_bytes);
    add_text(input, export->file_name);
    add_text(input, export->partition_column);
    add_text(input, export->partition_granularity);
}

void
fingerprint_output(const ExportConfig *export, const char *source_identity,
                   const char *destination_identity, char text[FINGERPRINT_BYTES])
{
    Buffer input = {0};

    add_text(&input, source_identity);
    add_text(&input, destination_identity);
    add_text(&input, format_word(export->format));
    add_compression(&input, export);
    add_csv(&input, export);
    add_parquet(&input, export);
    add_type_rules(&input, &export->type_rules);
    add_meta_columns(&input, export);
    add_names(&input, export);
    digest(&input, text);
    buffer_release(&input);
}

/* ---- field by field ---- */

static void
add_query(Buffer *input, const FingerprintFacts *facts)
{
    add_text(input, facts->query);
}

static void
add_chunk_columns(Buffer *input, const FingerprintFacts *facts)
{
    const TextList *columns = &facts->export->chunk_columns;

    for (size_t i = 0; i < columns->count; i++)
        add_text(input, columns->items[i]);
}

static void
add_chunk_size(Buffer *input, const FingerprintFacts *facts)
{
    add_number(input, facts->export->chunk_size);
}

static void
add_chunk_dense(Buffer *input, const FingerprintFacts *facts)
{
    add_number(input, facts->export->chunk_dense);
}

static void
add_chunk_by(Buffer *input, const FingerprintFacts *facts)
{
    add_text(input, facts->kind);
}

static void
add_source(Buffer *input, const FingerprintFacts *facts)
{
    add_text(input, facts->source_identity);
}

static void
add_destination(Buffer *input, const FingerprintFacts *facts)
{
    add_text(input, facts->destination_identity);
}

static void
add_format(Buffer *input, const FingerprintFacts *facts)
{
    add_text(input, format_word(facts->export->format));
}

static void
add_compression_field(Buffer *input, const FingerprintFacts *facts)
{
    add_compression(input, facts->export);
}

static void
add_csv_field(Buffer *input, const FingerprintFacts *facts)
{
    add_csv(input, facts->export);
}

static void
add_parquet_field(Buffer *input, const FingerprintFacts *facts)
{
    add_parquet(input, facts->export);
}

static void
add_types_field(Buffer *input, const FingerprintFacts *facts)
{
    add_type_rules(input, &facts->export->type_rules);
}

static void
add_meta_field(Buffer *input, const FingerprintFacts *facts)
{
    add_meta_columns(input, facts->export);
}

static void
add_names_field(Buffer *input, const FingerprintFacts *facts)
{
    add_names(input, facts->export);
}

typedef struct NamedField {
    const char *name; /* as messages show it; no blank */
    void (*add)(Buffer *input, const FingerprintFacts *facts);
} NamedField;

static const NamedField FIELDS[] = {
    {"query", add_query},
    {"chunk_column", add_chunk_columns},
    {"chunk_size", add_chunk_size},
    {"chunk_dense", add_chunk_dense},
    {"chunk_by", add_chunk_by},
    {"source", add_source},
    {"destination", add_destination},
    {"format", add_format},
    {"compression", add_compression_field},
    {"csv", add_csv_field},
    {"parquet", add_parquet_field},
    {"types,columns", add_types_field},
    {"meta_columns", add_meta_field},
    {"max_file_size,file_name,partition_by", add_names_field},
};

const char *
fingerprint_fields(const FingerprintFacts *facts, Arena *arena)
{
    char hash[FINGERPRINT_BYTES];
    Buffer text = {0};
    Buffer input = {0};

    fingerprint_output(facts->export, facts->source_identity, facts->destination_identity, hash);
    buffer_append_text(&text, hash);
    for (size_t i = 0; i < ARRAY_LENGTH(FIELDS); i++) {
        buffer_reset(&input);
        FIELDS[i].add(&input, facts);
        digest(&input, hash);
        buffer_append_format(&text, " %s=%.8s", FIELDS[i].name, hash);
    }
    const char *kept = arena_dup_string(arena, buffer_text(&text));
    buffer_release(&input);
    buffer_release(&text);
    return kept;
}

const char *
fingerprint_difference(const char *stored, const char *now, Arena *arena)
{
    if (stored == NULL)
        return "output";
    if (strcmp(stored, now) == 0)
        return NULL;
    /* Behind the hash of the whole both have the same names in the same order. */
    const char *old_field = strchr(stored, ' ');
    const char *field = strchr(now, ' ');
    while (old_field != NULL && field != NULL) {
        size_t length = strcspn(field + 1, " ");
        if (strcspn(old_field + 1, " ") != length || strncmp(old_field + 1, field + 1, length) != 0)
            return arena_dup_bytes(arena, field + 1, strcspn(field + 1, "="));
        old_field = strchr(old_field + 1, ' ');
        field = strchr(field + 1, ' ');
    }
    return "output";
}
