#include "format/parquet/settings.h"

#include "format/parquet/codec.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

enum { BLOOM_MEMORY_PART = 20 /* of the budget: all filters' hashes */ };
enum { MEMORY_MIN_MIB = 8, MEMORY_DEFAULT_MIB = 64 };

static size_t
clamp(size_t value, size_t low, size_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void
set_dictionary_limits(WriterSettings *settings, size_t memory, size_t columns)
{
    size_t share = size_min(memory / 100 * 15, 24 * MIB);
    size_t half = share / 2 / columns;

    settings->dictionary_bytes = clamp(half, 32 * KIB, MIB);
    settings->dictionary_memory_bytes = size_max(share / columns, 64 * KIB);
    settings->dictionary_decide_bytes = size_min(size_max(half, settings->page_bytes), 512 * KIB);
}

/* Half of the budget, but where hundreds of columns take more than their shares for open pages and
 * dictionaries, no more than these leave over. */
static size_t
stored_limit(const WriterSettings *settings, size_t memory, size_t columns)
{
    size_t others = columns * (settings->page_bytes + settings->dictionary_memory_bytes) +
                    settings->queue_bytes;
    size_t left = memory > others ? memory - others : 0;

    return clamp(left, memory / 8, size_min(memory / 2, 64 * MIB));
}

static void
set_row_group_limits(WriterSettings *settings, const FormatOptions *options, size_t memory)
{
    size_t columns = size_max(options->schema->column_count, 1);

    settings->row_group_raw_bytes = (size_t)options->parquet->row_group_mb * MIB;
    /* A group no larger than half a file: so no file ends with a sliver of a group. */
    if (options->max_file_size_bytes > 0)
        settings->row_group_raw_bytes =
            size_min(settings->row_group_raw_bytes,
                     size_max((size_t)options->max_file_size_bytes / 2, 64 * KIB));
    settings->row_group_stored_bytes = stored_limit(settings, memory, columns);
    settings->stored_test_bytes = size_min(8 * MIB, settings->row_group_stored_bytes / 4);
}

bool
settings_has_bloom(const WriterSettings *settings, const char *column)
{
    for (size_t i = 0; i < settings->bloom_columns.count; i++)
        if (strcmp(settings->bloom_columns.items[i], column) == 0)
            return true;
    return false;
}

void
settings_init(WriterSettings *settings, const FormatOptions *options)
{
    const ParquetConfig *config = options->parquet;
    size_t columns = size_max(options->schema->column_count, 1);
    size_t memory = options->memory_bytes == 0 ? MEMORY_DEFAULT_MIB * MIB : options->memory_bytes;
    size_t page_wanted = size_max((size_t)config->page_kb, 1) * KIB;

    memory = size_max(memory, MEMORY_MIN_MIB * MIB);
    *settings = (WriterSettings){
        .codec = codec_of_compression(options->compression),
        .profile = config->encoding,
        .has_statistics = config->statistics,
        .has_dictionary = config->dictionary,
        .queue_bytes = size_min(memory / 10, 16 * MIB),
        .page_bytes = clamp(size_min(memory / 4, 32 * MIB) / columns,
                            size_min(64 * KIB, page_wanted), page_wanted),
    };
    settings->level = options->compression_level.is_set ? (int)options->compression_level.value
                                                        : codec_default_level(settings->codec);
    settings->bloom_columns = config->bloom;
    settings->bloom_hashes_max =
        memory / BLOOM_MEMORY_PART / size_max(config->bloom.count, 1) / sizeof(uint64_t);
    set_dictionary_limits(settings, memory, columns);
    set_row_group_limits(settings, options, memory);
}
