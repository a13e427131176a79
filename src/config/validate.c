#include "config/validate.h"

#include "config/tuning.h"

static bool
validate_tuning(const LoadContext *load, RawConfig *raw, Error *err)
{
    const NodeEntry *source_tuning = node_find_set(raw->source_node, "tuning");

    if (tuning_has_both_batch_fields(&raw->tuning))
        return config_fail(load, node_line(source_tuning->value, "batch_size_memory_mb"), err,
                           "source.tuning: batch_size and batch_size_memory_mb are mutually "
                           "exclusive; keep one of them");
    for (size_t i = 0; i < raw->exports.count; i++) {
        RawExport *export = &raw->exports.items[i];
        export->merged_tuning = tuning_merge(&raw->tuning, &export->tuning);
        if (tuning_has_both_batch_fields(&export->merged_tuning))
            return config_fail(load, node_line(export->node, "tuning"), err,
                               "export '%s': the effective tuning, source and export merged, has "
                               "both batch_size and batch_size_memory_mb, which are mutually "
                               "exclusive; keep one of them",
                               config_shown(load, export->config.name));
    }
    return true;
}

static int
compare_exports(const void *left, const void *right)
{
    const RawExport *a = *(const RawExport *const *)left;
    const RawExport *b = *(const RawExport *const *)right;
    int order = strcmp(a->config.name, b->config.name);

    return order != 0 ? order : (a > b) - (a < b);
}

static bool
validate_unique_names(const LoadContext *load, const RawConfig *raw, Error *err)
{
    size_t count = raw->exports.count;
    const RawExport **sorted = ARENA_ARRAY(load->arena, const RawExport *, count + 1);

    for (size_t i = 0; i < count; i++)
        sorted[i] = &raw->exports.items[i];
    qsort(sorted, count, sizeof(RawExport *), compare_exports);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1]->config.name, sorted[i]->config.name) == 0)
            return config_fail(load, node_line(sorted[i]->node, "name"), err,
                               "export '%s': duplicate name, first in line %d; state and files "
                               "are kept by name, so each export needs its own",
                               config_shown(load, sorted[i]->config.name),
                               node_line(sorted[i - 1]->node, "name"));
    return true;
}

bool
validate_config(LoadContext *load, RawConfig *raw, Error *err)
{
    if (!validate_tuning(load, raw, err) || !validate_source(load, raw, err))
        return false;
    if (raw->exports.count == 0)
        return config_fail(load, 0, err, "exports: the list is empty; add at least one export");
    for (size_t i = 0; i < raw->exports.count; i++)
        if (!validate_export(load, raw, &raw->exports.items[i], err))
            return false;
    return validate_unique_names(load, raw, err);
}
