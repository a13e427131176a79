#include <errno.h>
#include <unistd.h>

#include "config/duration.h"
#include "config/scalar.h"
#include "config/size.h"
#include "config/tuning.h"
#include "config/validate.h"
#include "config/word.h"

/* One export under validation; `name` is fit for messages. */
typedef struct Subject {
    LoadContext *load;
    const RawConfig *raw;
    RawExport *export;
    const char *name;
} Subject;

static int
line_of(const Subject *subject, const char *field)
{
    return node_line(subject->export->node, field);
}

static int
line_below(const Subject *subject, const char *mapping, const char *field)
{
    const NodeEntry *entry = node_find(subject->export->node, mapping);

    return entry == NULL ? subject->export->node->line : node_line(entry->value, field);
}

#define FAIL(subject, line, err, text, ...)                                                        \
    config_fail((subject)->load, (line), (err), "export '%s': " text, (subject)->name, __VA_ARGS__)
#define FAIL_TEXT(subject, line, err, text) FAIL(subject, line, err, "%s", text)

static bool
is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static bool
check_query(const Subject *subject, Error *err)
{
    const ExportConfig *config = &subject->export->config;

    if (is_blank(config->query) && is_blank(config->query_file))
        return FAIL_TEXT(subject, subject->export->node->line, err,
                         "must specify 'query' or 'query_file'");
    if (config->query != NULL && config->query_file != NULL)
        return FAIL_TEXT(subject, line_of(subject, "query_file"), err,
                         "give 'query' or 'query_file', not both");
    return true;
}

static bool
check_credentials_file(const Subject *subject, Error *err)
{
    const char *path = subject->export->config.destination.credentials_file;

    if (path == NULL || access(path, F_OK) == 0)
        return true;
    return FAIL(subject, line_below(subject, "destination", "credentials_file"), err,
                "credentials_file '%s' does not exist; the path is relative to the working "
                "directory",
                config_shown(subject->load, path));
}

static bool
check_destination(const Subject *subject, Error *err)
{
    const DestinationConfig *to = &subject->export->config.destination;
    bool has_access_key = to->access_key_env != NULL;

    if (to->kind == DESTINATION_S3 && has_access_key != (to->secret_key_env != NULL))
        return FAIL(subject,
                    line_below(subject, "destination",
                               has_access_key ? "access_key_env" : "secret_key_env"),
                    err, "access_key_env and secret_key_env belong together; add %s or remove both",
                    has_access_key ? "secret_key_env" : "access_key_env");
    if (to->kind == DESTINATION_GCS && to->allow_anonymous && to->credentials_file != NULL)
        return FAIL_TEXT(subject, line_below(subject, "destination", "allow_anonymous"), err,
                         "allow_anonymous and credentials_file exclude each other; keep one");
    return check_credentials_file(subject, err);
}

static bool
check_bucket(const Subject *subject, Error *err)
{
    const DestinationConfig *to = &subject->export->config.destination;

    if ((to->kind == DESTINATION_S3 || to->kind == DESTINATION_GCS) && is_blank(to->bucket))
        return FAIL(subject, line_of(subject, "destination"), err,
                    "a destination of type %s requires 'bucket'", destination_kind_word(to->kind));
    return true;
}

static bool
check_max_file_size(const Subject *subject, Error *err)
{
    const char *text = subject->export->max_file_size;

    if (text == NULL || size_parse(text, &subject->export->config.max_file_size_bytes))
        return true;
    return FAIL(subject, line_of(subject, "max_file_size"), err,
                "invalid max_file_size '%s'; write a number with GB, MB, KB or B, as in 256MB",
                config_shown(subject->load, text));
}

/* The codec a level is for: what the file says, else zstd, also for csv, where the level then has
 * no effect. */
static Compression
levelled_codec(const RawExport *export)
{
    return export->compression.is_set ? (Compression) export->compression.value : COMPRESSION_ZSTD;
}

static bool
check_compression_level(const Subject *subject, Error *err)
{
    OptionalInt level = subject->export->config.compression_level;
    int line = line_of(subject, "compression_level");
    Compression codec = levelled_codec(subject->export);

    if (!level.is_set)
        return true;
    if (codec == COMPRESSION_ZSTD && (level.value < 1 || level.value > 22))
        return FAIL(subject, line, err,
                    "compression_level %" PRId64 " is outside 1..22, the levels of zstd",
                    level.value);
    if (codec == COMPRESSION_GZIP && level.value > 10)
        return FAIL(subject, line, err,
                    "compression_level %" PRId64 " is outside 0..10, the levels of gzip",
                    level.value);
    if (codec != COMPRESSION_ZSTD && codec != COMPRESSION_GZIP)
        return FAIL(subject, line, err,
                    "compression_level has no meaning for %s; remove it, or use zstd or gzip",
                    compression_word(codec));
    return true;
}

static bool
check_mode(const Subject *subject, Error *err)
{
    const RawExport *export = subject->export;
    const ExportConfig *config = &export->config;
    int line = line_of(subject, "mode");

    if (config->mode == MODE_INCREMENTAL && config->cursor_columns.count == 0)
        return FAIL_TEXT(subject, line, err,
                         "mode incremental requires 'cursor_column', a column that grows with "
                         "every change");
    if (config->mode == MODE_TIME_WINDOW && is_blank(config->time_column))
        return FAIL_TEXT(subject, line, err, "mode time_window requires 'time_column'");
    if (config->mode == MODE_TIME_WINDOW && !export->days_window.is_set)
        return FAIL_TEXT(subject, line, err, "mode time_window requires 'days_window'");
    if (config->chunk_dense && config->mode != MODE_CHUNKED)
        return FAIL(subject, line_of(subject, "chunk_dense"), err,
                    "chunk_dense is for mode chunked only, and the mode is %s",
                    export_mode_word(config->mode));
    return true;
}

static bool
check_name(const Subject *subject, Error *err)
{
    static const char LETTERS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    const char *name = subject->export->config.name;
    size_t length = strlen(name);

    if (length >= 1 && length <= 80 && name[strspn(name, LETTERS)] == '\0' &&
        strchr("_.-", name[0]) == NULL)
        return true;
    return FAIL_TEXT(subject, line_of(subject, "name"), err,
                     "the name is used in file names: a letter or digit, then at most 79 letters, "
                     "digits, '_', '.', '-'");
}

static bool
check_csv_compression(const Subject *subject, Error *err)
{
    const RawExport *export = subject->export;

    if (export->config.format != FORMAT_CSV)
        return true;
    if (export->compression.is_set && (export->compression.value == COMPRESSION_SNAPPY ||
                                       export->compression.value == COMPRESSION_LZ4))
        return FAIL(subject, line_of(subject, "compression"), err,
                    "compression %s is not for csv files; use gzip, zstd or none, or format "
                    "parquet",
                    compression_word((Compression) export->compression.value));
    if (!export->compression.is_set && export->config.compression_level.is_set)
        config_warn(subject->load, line_of(subject, "compression_level"),
                    "export '%s': compression_level has no effect: a csv export without "
                    "'compression' is not compressed",
                    subject->name);
    return true;
}

/* A NULL text is written without quotes, so nothing in it may need them. */
static bool
check_csv_null(const Subject *subject, Error *err)
{
    const CsvConfig *csv = &subject->export->config.csv;
    const char forbidden[] = {csv->delimiter, '"', '\r', '\n', '\0'};

    if (csv->null == NULL || csv->null[strcspn(csv->null, forbidden)] == '\0')
        return true;
    return FAIL_TEXT(subject, line_below(subject, "csv", "null"), err,
                     "csv.null may hold neither the delimiter nor a quote nor a line end");
}

/* An integer is a distance in the cursor's own unit, anything else a span of time. */
static bool
check_cursor_lag(const Subject *subject, Error *err)
{
    ExportConfig *config = &subject->export->config;
    const char *text = config->cursor_lag;

    if (text == NULL)
        return true;
    Node as_number = {.kind = NODE_SCALAR, .is_plain = true, .text = text};
    int64_t units;
    if (scalar_to_int(&as_number, &units) == NUMBER_OK && units >= 0) {
        config->cursor_lag_units = (OptionalInt){.is_set = true, .value = units};
        return true;
    }
    if (duration_parse(text, &config->cursor_lag_us))
        return true;
    return FAIL(subject, line_of(subject, "cursor_lag"), err,
                "invalid cursor_lag '%s'; write a time with ms, s, m, h or d, as in 10m, or a "
                "whole number for an integer cursor",
                config_shown(subject->load, text));
}

/* The first column named twice, or NULL. */
static const char *
repeated_item(TextList list)
{
    for (size_t i = 0; i < list.count; i++)
        for (size_t j = i + 1; j < list.count; j++)
            if (strcmp(list.items[i], list.items[j]) == 0)
                return list.items[i];
    return NULL;
}

static bool
check_key_columns(const Subject *subject, Error *err)
{
    enum { MAX_KEY_COLUMNS = 32 };
    const struct {
        const char *field;
        TextList list;
    } KEYS[] = {
        {"cursor_column", subject->export->config.cursor_columns},
        {"chunk_column", subject->export->config.chunk_columns},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(KEYS); i++) {
        if (KEYS[i].list.count > MAX_KEY_COLUMNS)
            return FAIL(subject, line_of(subject, KEYS[i].field), err,
                        "%s names more than %d columns", KEYS[i].field, MAX_KEY_COLUMNS);
        const char *repeated = repeated_item(KEYS[i].list);
        if (repeated != NULL)
            return FAIL(subject, line_of(subject, KEYS[i].field), err,
                        "%s names '%s' twice; name each column once", KEYS[i].field,
                        config_shown(subject->load, repeated));
    }
    return true;
}

/* Length of a known {placeholder} at the start of text, 0 for anything else. */
static size_t
placeholder_length(const char *text)
{
    static const char *const KNOWN[] = {"{export}", "{ts}", "{date}", "{run_id}"};

    for (size_t i = 0; i < ARRAY_LENGTH(KNOWN); i++)
        if (strncmp(text, KNOWN[i], strlen(KNOWN[i])) == 0)
            return strlen(KNOWN[i]);
    return 0;
}

static bool
check_file_name(const Subject *subject, Error *err)
{
    const char *template = subject->export->config.file_name;
    int line = line_of(subject, "file_name");

    if (template == NULL)
        return true;
    if (*template == '\0' || *template == '.' || strlen(template) > 150)
        return FAIL_TEXT(subject, line, err,
                         "file_name must have 1 to 150 characters and not begin with a dot");
    for (const char *at = template; *at != '\0'; at++) {
        if (*at == '/' || (unsigned char)*at < 0x20 || *at == 0x7F)
            return FAIL_TEXT(subject, line, err,
                             "file_name is a name, not a path: no '/' and no control characters; "
                             "directories belong into the destination");
        if (*at != '{' && *at != '}')
            continue;
        size_t length = placeholder_length(at);
        if (length == 0)
            return FAIL_TEXT(subject, line, err,
                             "file_name knows {export}, {ts}, {date} and {run_id} only");
        at += length - 1;
    }
    return true;
}

static bool
check_quality(const Subject *subject, Error *err)
{
    const ExportConfig *config = &subject->export->config;

    if (config->mode == MODE_CHUNKED && config->chunk_checkpoint &&
        config->quality.unique_columns.count > 0)
        return FAIL_TEXT(subject, line_below(subject, "quality", "unique_columns"), err,
                         "quality.unique_columns cannot be checked with chunk_checkpoint, whose "
                         "chunks may be read by different runs; turn chunk_checkpoint off, or "
                         "check uniqueness with a constraint or a query of its own");
    return true;
}

static bool
check_fetch(const Subject *subject, Error *err)
{
    const TuningFields *merged = &subject->export->merged_tuning;
    SourceKind kind = subject->raw->config.source.kind;

    if (tuning_fetch_fits(merged, kind))
        return true;
    return FAIL(subject,
                subject->export->tuning.fetch.is_set
                    ? line_below(subject, "tuning", "fetch")
                    : node_line(subject->raw->source_node, "tuning"),
                err, "tuning.fetch '%s' is not for a %s source; use auto, %s",
                word_of(&FETCH_WORDS, (unsigned)merged->fetch.value), source_kind_word(kind),
                kind == SOURCE_MYSQL ? "stream or pages" : "copy or cursor");
}

bool
validate_export(LoadContext *load, const RawConfig *raw, RawExport *export, Error *err)
{
    /* The numbered rules of the specification first, in their order. */
    static bool (*const CHECKS[])(const Subject *, Error *) = {
        check_query,    check_destination, check_max_file_size, check_compression_level,
        check_mode,     check_name,        check_bucket,        check_csv_compression,
        check_csv_null, check_cursor_lag,  check_key_columns,   check_file_name,
        check_quality,  check_fetch,
    };
    Subject subject = {
        .load = load,
        .raw = raw,
        .export = export,
        .name = config_shown(load, export->config.name),
    };

    for (size_t i = 0; i < ARRAY_LENGTH(CHECKS); i++)
        if (!CHECKS[i](&subject, err))
            return false;
    return true;
}
