#include "config/derive.h"

#include <sched.h>

#include "config/target.h"
#include "config/tuning.h"
#include "config/word.h"

enum { DEFAULT_ZSTD_LEVEL = 3, DEFAULT_GZIP_LEVEL = 6, MAX_GZIP_LEVEL = 9 };

/* Cores this process may use, which a container or taskset can make fewer than the machine has. */
static int64_t
usable_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count;
}

static void
derive_compression(RawExport *raw)
{
    ExportConfig *config = &raw->config;
    OptionalInt *level = &config->compression_level;

    if (raw->compression.is_set)
        config->compression = (Compression)raw->compression.value;
    else
        config->compression = config->format == FORMAT_CSV ? COMPRESSION_NONE : COMPRESSION_ZSTD;

    if (config->compression == COMPRESSION_ZSTD) {
        *level = (OptionalInt){true, level->is_set ? level->value : DEFAULT_ZSTD_LEVEL};
    } else if (config->compression == COMPRESSION_GZIP) {
        *level = (OptionalInt){true, level->is_set ? level->value : DEFAULT_GZIP_LEVEL};
        if (level->value > MAX_GZIP_LEVEL)
            level->value = MAX_GZIP_LEVEL;
    } else {
        *level = (OptionalInt){0};
    }
}

static void
derive_destination(DestinationConfig *to)
{
    if (to->kind == DESTINATION_LOCAL && to->path == NULL)
        to->path = to->prefix != NULL && *to->prefix != '\0' ? to->prefix : ".";
}

static void
derive_quality(RawExport *raw)
{
    QualityConfig *quality = &raw->config.quality;

    quality->null_ratio_max = raw->ratios.items;
    quality->null_ratio_count = raw->ratios.count;
    quality->is_set = quality->row_count_min.is_set || quality->row_count_max.is_set ||
                      quality->null_ratio_count > 0 || quality->unique_columns.count > 0;
}

static void
derive_type_rules(RawExport *raw, const SourceConfig *source)
{
    TypeRules *rules = &raw->config.type_rules;

    rules->is_text_output = raw->config.format == FORMAT_CSV;
    rules->tinyint1 = source->tinyint1;
    rules->overrides = raw->overrides.items;
    rules->override_count = raw->overrides.count;
}

static void
derive_export(LoadContext *load, RawExport *raw, const SourceConfig *source)
{
    ExportConfig *config = &raw->config;

    config->line = node_line(raw->node, "name");
    config->tuning = tuning_resolve(&raw->merged_tuning, source->kind);
    config->chunk_max_attempts = raw->chunk_max_attempts.is_set ? raw->chunk_max_attempts.value
                                                                : config->tuning.max_retries + 1;
    if (config->chunk_max_attempts < 1)
        config->chunk_max_attempts = 1;
    config->days_window = raw->days_window.value;
    config->parquet.encode_threads =
        raw->encode_threads.is_set ? raw->encode_threads.value : usable_cores() - 1;
    config->target = raw->target.is_set ? (Target)raw->target.value : TARGET_NONE;
    target_apply(raw);
    derive_compression(raw);
    derive_destination(&config->destination);
    derive_quality(raw);
    derive_type_rules(raw, source);
    const char *warning = target_warning(config);
    if (warning != NULL)
        config_warn(load, node_line(raw->node, "compression"), "export '%s': %s", config->name,
                    warning);
}

static void
derive_source(RawConfig *raw)
{
    const NodeEntry *tls = node_find_set(raw->source_node, "tls");

    if (raw->tls_mode.is_set)
        raw->config.source.tls.mode = (TlsMode)raw->tls_mode.value;
    else
        raw->config.source.tls.mode = tls == NULL ? TLS_UNSET : TLS_PREFERRED;
}

static void
derive_notifications(Config *config)
{
    config->slack.is_set =
        secret_is_set(config->slack.webhook_url) || config->slack.webhook_url_env != NULL;
    config->webhook.is_set = config->webhook.url_env != NULL;
}

static void
copy_warnings(LoadContext *load, Config *config)
{
    config_finish_warnings(load);
    const char **warnings = ARENA_ARRAY(load->arena, const char *, load->warning_count);
    memcpy(warnings, load->warnings, load->warning_count * sizeof(*warnings));
    config->warnings = warnings;
    config->warning_count = load->warning_count;
}

void
derive_config(LoadContext *load, RawConfig *raw, Config *out)
{
    size_t count = raw->exports.count;
    ExportConfig *exports = ARENA_ARRAY(load->arena, ExportConfig, count);

    derive_source(raw);
    for (size_t i = 0; i < count; i++) {
        derive_export(load, &raw->exports.items[i], &raw->config.source);
        exports[i] = raw->exports.items[i].config;
    }
    derive_notifications(&raw->config);
    raw->config.exports = exports;
    raw->config.export_count = count;
    copy_warnings(load, &raw->config);

    /* From here on nothing is allocated: load->arena may be the arena of out itself. */
    raw->config.arena = out->arena;
    raw->config.path = out->path;
    raw->config.directory = out->directory;
    *out = raw->config;
}
