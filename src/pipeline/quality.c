#include "pipeline/quality.h"

#include <jansson.h>

#include "batch/render.h"
#include "pipeline/distinct.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::quality"

typedef struct NullCheck {
    size_t column;
    uint64_t null_count;
} NullCheck;

typedef struct UniqueCheck {
    size_t column;
    Distinct *values;
} UniqueCheck;

struct Quality {
    const QualityConfig *config;
    const Schema *schema;
    uint64_t row_count;
    NullCheck *nulls;
    UniqueCheck *uniques;
    Buffer text;   /* of one value */
    Buffer issues; /* sentences joined by "; " */
};

static bool
find_column(const Schema *schema, const char *check, const char *name, size_t *column, Error *err)
{
    *column = schema_find(schema, name);
    if (*column < schema->column_count)
        return true;
    return error_set(err, ERR_CONFIG, "quality.%s names column '%s', which the result has not",
                     check, name);
}

static bool
find_columns(Quality *quality, size_t memory_bytes, Error *err)
{
    const QualityConfig *config = quality->config;

    for (size_t i = 0; i < config->null_ratio_count; i++)
        if (!find_column(quality->schema, "null_ratio_max", config->null_ratio_max[i].column,
                         &quality->nulls[i].column, err))
            return false;
    for (size_t i = 0; i < config->unique_columns.count; i++) {
        if (!find_column(quality->schema, "unique_columns", config->unique_columns.items[i],
                         &quality->uniques[i].column, err))
            return false;
        quality->uniques[i].values = distinct_new(memory_bytes / config->unique_columns.count);
    }
    return true;
}

bool
quality_new(const QualityConfig *config, const Schema *schema, size_t memory_bytes, Quality **out,
            Error *err)
{
    Quality *quality = memory_alloc_zero(1, sizeof(*quality));

    *out = NULL;
    quality->config = config;
    quality->schema = schema;
    quality->nulls = memory_alloc_zero(config->null_ratio_count, sizeof(*quality->nulls));
    quality->uniques = memory_alloc_zero(config->unique_columns.count, sizeof(*quality->uniques));
    if (!find_columns(quality, memory_bytes, err)) {
        quality_free(quality);
        return false;
    }
    *out = quality;
    return true;
}

void
quality_free(Quality *quality)
{
    if (quality == NULL)
        return;
    for (size_t i = 0; i < quality->config->unique_columns.count; i++)
        distinct_free(quality->uniques[i].values);
    buffer_release(&quality->text);
    buffer_release(&quality->issues);
    free(quality->nulls);
    free(quality->uniques);
    free(quality);
}

static bool
add_values(Quality *quality, Distinct *values, const Column *column, Error *err)
{
    for (size_t i = 0; i < column->value_count; i++) {
        buffer_reset(&quality->text);
        render_value(column, i, &quality->text);
        if (!distinct_add(values, quality->text.data, quality->text.size, err))
            return false;
    }
    return true;
}

bool
quality_add(Quality *quality, const Batch *batch, Error *err)
{
    quality->row_count += batch->row_count;
    for (size_t i = 0; i < quality->config->null_ratio_count; i++)
        quality->nulls[i].null_count += batch->columns[quality->nulls[i].column].null_count;
    for (size_t i = 0; i < quality->config->unique_columns.count; i++) {
        const UniqueCheck *check = &quality->uniques[i];
        if (!add_values(quality, check->values, &batch->columns[check->column], err))
            return false;
    }
    return true;
}

/* ---- a result in chunks ---- */

bool
quality_merge(Quality *quality, Quality *from, Error *err)
{
    quality->row_count += from->row_count;
    for (size_t i = 0; i < quality->config->null_ratio_count; i++)
        quality->nulls[i].null_count += from->nulls[i].null_count;
    for (size_t i = 0; i < quality->config->unique_columns.count; i++)
        if (!distinct_merge(quality->uniques[i].values, from->uniques[i].values, err))
            return false;
    return true;
}

char *
quality_counts_json(const Quality *quality)
{
    json_t *counts = json_object();

    for (size_t i = 0; i < quality->config->null_ratio_count; i++)
        json_object_set_new(counts, quality->config->null_ratio_max[i].column,
                            json_integer((json_int_t)quality->nulls[i].null_count));
    char *text = json_object_size(counts) == 0 ? NULL : json_dumps(counts, JSON_COMPACT);
    json_decref(counts);
    return text;
}

bool
quality_add_counts(Quality *quality, uint64_t row_count, const char *counts_json, Error *err)
{
    json_t *counts = counts_json == NULL ? NULL : json_loads(counts_json, 0, NULL);
    bool ok = true;

    quality->row_count += row_count;
    for (size_t i = 0; ok && i < quality->config->null_ratio_count; i++) {
        const char *column = quality->config->null_ratio_max[i].column;
        const json_t *count = json_object_get(counts, column);
        if (json_is_integer(count))
            quality->nulls[i].null_count += (uint64_t)json_integer_value(count);
        else
            ok = error_set(err, ERR_STATE, "the NULLs of column '%s' were not counted in a chunk",
                           column);
    }
    json_decref(counts);
    return ok;
}

static void add_issue(Quality *quality, const char *format, ...) PRINTF_LIKE(2, 3);

static void
add_issue(Quality *quality, const char *format, ...)
{
    char issue[512];
    va_list args;

    va_start(args, format);
    vsnprintf(issue, sizeof(issue), format, args);
    va_end(args);
    log_warn(MODULE, "quality FAIL: %s", issue);
    buffer_append_format(&quality->issues, "%s%s", quality->issues.size > 0 ? "; " : "", issue);
}

static void
check_rows(Quality *quality)
{
    const QualityConfig *config = quality->config;

    if (config->row_count_min.is_set && quality->row_count < (uint64_t)config->row_count_min.value)
        add_issue(quality, "row_count %" PRIu64 " below minimum %" PRId64, quality->row_count,
                  config->row_count_min.value);
    if (config->row_count_max.is_set && quality->row_count > (uint64_t)config->row_count_max.value)
        add_issue(quality, "row_count %" PRIu64 " exceeds maximum %" PRId64, quality->row_count,
                  config->row_count_max.value);
}

static void
check_nulls(Quality *quality)
{
    for (size_t i = 0; i < quality->config->null_ratio_count && quality->row_count > 0; i++) {
        const NullRatioLimit *limit = &quality->config->null_ratio_max[i];
        double ratio = (double)quality->nulls[i].null_count / (double)quality->row_count;
        if (ratio > limit->max)
            add_issue(quality, "column '%s': null ratio %.4f exceeds threshold %.4f", limit->column,
                      ratio, limit->max);
    }
}

static bool
check_uniques(Quality *quality, Error *err)
{
    for (size_t i = 0; i < quality->config->unique_columns.count; i++) {
        uint64_t duplicates = 0;
        if (!distinct_count_duplicates(quality->uniques[i].values, &duplicates, err))
            return false;
        if (duplicates > 0)
            add_issue(quality, "column '%s': %" PRIu64 " duplicate values in %" PRIu64 " rows",
                      quality->config->unique_columns.items[i], duplicates, quality->row_count);
    }
    return true;
}

bool
quality_check(Quality *quality, Error *err)
{
    check_rows(quality);
    check_nulls(quality);
    if (!check_uniques(quality, err))
        return false;
    return quality->issues.size == 0 ||
           error_set(err, ERR_CHECK, "quality checks failed: %s", buffer_text(&quality->issues));
}
