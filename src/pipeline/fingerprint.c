#include "pipeline/fingerprint.h"

#include <xxhash.h>

#include "util/buffer.h"

static void
digest(const Buffer *input, char text[FINGERPRINT_BYTES])
{
    uint64_t hash = XXH3_64bits(input->data, input->size);

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

/* encode_threads is left out: it never reaches the bytes. */
static void
add_format(Buffer *input, const ExportConfig *export)
{
    const ParquetConfig *parquet = &export->parquet;

    add_text(input, format_word(export->format));
    add_text(input, compression_word(export->compression));
    add_number(input, export->compression_level.is_set ? export->compression_level.value : -1);
    add_number(input, export->csv.delimiter);
    add_text(input, export->csv.null);
    add_number(input, export->csv.has_header);
    add_number(input, export->csv.quote);
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

void
fingerprint_output(const ExportConfig *export, const char *source_identity,
                   const char *destination_identity, char text[FINGERPRINT_BYTES])
{
    Buffer input = {0};

    add_text(&input, source_identity);
    add_text(&input, destination_identity);
    add_format(&input, export);
    add_type_rules(&input, &export->type_rules);
    add_number(&input, export->meta_columns.has_exported_at);
    add_number(&input, export->meta_columns.has_row_hash);
    add_number(&input, (int64_t) export->max_file_size_bytes);
    add_text(&input, export->file_name);
    add_text(&input, export->partition_column);
    add_text(&input, export->partition_granularity);
    digest(&input, text);
    buffer_release(&input);
}
