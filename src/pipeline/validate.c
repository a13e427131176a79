#include "pipeline/validate.h"

#include <jansson.h>
#include <xxhash.h>

#include "format/format.h"
#include "util/memory.h"

enum { READ_BYTES = 1 << 20 };

/* What all parts of a run share. */
typedef struct Check {
    Destination *dest;
    Arena *arena;
    Validation *out;
    VerifyExpectation want;
    CsvConfig csv;
} Check;

typedef struct Part {
    const char *key;
    uint64_t row_count;
    uint64_t size_bytes;
    uint64_t xxh3;
} Part;

static bool
hash_bytes(const Readable *file, uint64_t *hash, Error *err)
{
    uint8_t *room = memory_alloc(READ_BYTES);
    XXH3_state_t *state = XXH3_createState();
    bool ok = true;

    if (state == NULL)
        abort();
    XXH3_64bits_reset(state);
    for (uint64_t at = 0; ok && at < file->size_bytes; at += READ_BYTES) {
        size_t size = size_min(READ_BYTES, (size_t)(file->size_bytes - at));
        ok = readable_read(file, at, room, size, err);
        XXH3_64bits_update(state, room, ok ? size : 0);
    }
    *hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    free(room);
    return ok;
}

static bool
compare_bytes(const Part *part, const Readable *file, Error *err)
{
    uint64_t hash = 0;

    if (file->size_bytes != part->size_bytes)
        return error_set(err, ERR_CHECK, "%" PRIu64 " bytes instead of %" PRIu64, file->size_bytes,
                         part->size_bytes);
    if (!hash_bytes(file, &hash, err))
        return false;
    return hash == part->xxh3 ||
           error_set(err, ERR_CHECK, "XXH3 %016" PRIx64 " instead of %016" PRIx64, hash,
                     part->xxh3);
}

static bool
check_part(const Check *check, const Part *part, Error *err)
{
    UploadRef ref = {
        .key = part->key, .size_bytes = part->size_bytes, .xxh3 = part->xxh3, .is_sealed = true};
    VerifyExpectation want = check->want;
    Readable file = {0};

    want.row_count = part->row_count;
    bool ok = destination_open_read(check->dest, &ref, &file, err) &&
              compare_bytes(part, &file, err) && format_verify(&file, &want, err);
    readable_close(&file);
    return ok;
}

/* Says nothing about the part itself. */
static bool
is_inconclusive(const Error *err)
{
    return err->code == ERR_UNAVAILABLE || err->code == ERR_DENIED || err->code == ERR_INTERRUPTED;
}

static bool
take_part(const Check *check, const Part *part, Error *err)
{
    Validation *out = check->out;
    ValidatedPart *taken = &out->parts[out->part_count++];

    *taken = (ValidatedPart){.key = part->key, .problem = ERROR_INIT};
    out->row_count += part->row_count;
    out->byte_count += part->size_bytes;
    if (check_part(check, part, &taken->problem))
        return true;
    if (is_inconclusive(&taken->problem)) {
        *err = taken->problem;
        return error_add_context(err, "file=%s", part->key);
    }
    out->failed_count++;
    return true;
}

/* ---- against a manifest ---- */

static bool
fail_manifest(Error *err, const char *what)
{
    return error_set(err, ERR_FORMAT, "not a manifest of rivet: %s", what);
}

static bool
read_format(Check *check, const json_t *root, Error *err)
{
    const json_t *format = json_object_get(root, "format");
    const char *kind = json_string_value(json_object_get(format, "kind"));
    const char *compression = json_string_value(json_object_get(format, "compression"));
    const char *delimiter = json_string_value(json_object_get(format, "delimiter"));
    bool is_known = false;

    if (kind == NULL || compression == NULL)
        return fail_manifest(err, "no format");
    check->want.kind = strcmp(kind, format_word(FORMAT_CSV)) == 0 ? FORMAT_CSV : FORMAT_PARQUET;
    for (int i = 0; i <= COMPRESSION_NONE && !is_known; i++) {
        check->want.compression = (Compression)i;
        is_known = strcmp(compression, compression_word((Compression)i)) == 0;
    }
    if (!is_known || strcmp(kind, format_word(check->want.kind)) != 0)
        return fail_manifest(err, "an unknown format");
    check->csv = (CsvConfig){
        .delimiter = delimiter == NULL ? ',' : delimiter[0],
        .has_header = !json_is_false(json_object_get(format, "header")),
    };
    check->want.csv = &check->csv;
    return true;
}

static bool
read_part(const json_t *item, Arena *arena, Part *part, Error *err)
{
    const char *key = json_string_value(json_object_get(item, "key"));
    const char *xxh3 = json_string_value(json_object_get(item, "xxh3"));
    json_int_t rows = json_integer_value(json_object_get(item, "rows"));
    json_int_t bytes = json_integer_value(json_object_get(item, "bytes"));

    if (key == NULL || xxh3 == NULL || strlen(xxh3) != 16 ||
        strspn(xxh3, "0123456789abcdef") != 16 || rows < 0 || bytes < 0)
        return fail_manifest(err, "a part without key, rows, bytes or xxh3");
    *part = (Part){
        .key = arena_dup_string(arena, key),
        .row_count = (uint64_t)rows,
        .size_bytes = (uint64_t)bytes,
        .xxh3 = strtoull(xxh3, NULL, 16),
    };
    return true;
}

static bool
check_totals(const json_t *root, const Validation *out, Error *err)
{
    const json_t *totals = json_object_get(root, "totals");

    if ((uint64_t)json_integer_value(json_object_get(totals, "rows")) == out->row_count &&
        (uint64_t)json_integer_value(json_object_get(totals, "bytes")) == out->byte_count &&
        (size_t)json_integer_value(json_object_get(totals, "parts")) == out->part_count)
        return true;
    return error_set(err, ERR_CHECK, "the manifest's totals are not the sums of its parts");
}

static bool
check_manifest(Check *check, const json_t *root, Error *err)
{
    const json_t *parts = json_object_get(root, "parts");
    const char *run_id = json_string_value(json_object_get(root, "run_id"));
    const char *export_name = json_string_value(json_object_get(root, "export"));
    Validation *out = check->out;

    if (run_id == NULL || export_name == NULL || !json_is_array(parts))
        return fail_manifest(err, "no run_id, export or parts");
    out->run_id = arena_dup_string(check->arena, run_id);
    out->export_name = arena_dup_string(check->arena, export_name);
    if (!read_format(check, root, err))
        return false;
    out->parts = ARENA_ARRAY(check->arena, ValidatedPart, json_array_size(parts) + 1);
    for (size_t i = 0; i < json_array_size(parts); i++) {
        Part part;
        if (!read_part(json_array_get(parts, i), check->arena, &part, err) ||
            !take_part(check, &part, err))
            return false;
    }
    return check_totals(root, out, err);
}

bool
validate_manifest(const char *manifest_json, Destination *dest, Arena *arena, Validation *out,
                  Error *err)
{
    Check check = {.dest = dest, .arena = arena, .out = out};
    json_error_t where;
    json_t *root = json_loads(manifest_json, 0, &where);

    *out = (Validation){0};
    bool ok =
        root == NULL ? fail_manifest(err, "it is no JSON") : check_manifest(&check, root, err);
    json_decref(root);
    return ok;
}

/* ---- against the state ---- */

static bool
check_recorded_parts(State *state, const RunRow *run, Check *check, Error *err)
{
    PartRow *rows = NULL;
    size_t count = 0;

    if (!state_part_list_status(state, run->run_id, "visible", check->arena, &rows, &count, err))
        return false;
    check->out->parts = ARENA_ARRAY(check->arena, ValidatedPart, count + 1);
    for (size_t i = 0; i < count; i++) {
        Part part = {.key = rows[i].key,
                     .row_count = rows[i].rows,
                     .size_bytes = rows[i].bytes,
                     .xxh3 = rows[i].xxh3};
        if (!take_part(check, &part, err))
            return false;
    }
    return true;
}

bool
validate_run(State *state, const RunRow *run, const ExportConfig *export, Destination *dest,
             Arena *arena, Validation *out, Error *err)
{
    Check check = {
        .dest = dest,
        .arena = arena,
        .out = out,
        .want = {.kind = export->format, .compression = export->compression, .csv = &export->csv},
    };

    if (run->destination_id == NULL || strcmp(run->destination_id, dest->identity) != 0)
        return error_set(err, ERR_CONFIG,
                         "run '%s' wrote to '%s', but the configuration now says '%s'", run->run_id,
                         run->destination_id == NULL ? "" : run->destination_id, dest->identity);
    if (run->manifest_json != NULL)
        return validate_manifest(run->manifest_json, dest, arena, out, err);
    *out = (Validation){.run_id = run->run_id, .export_name = run->export_name};
    return check_recorded_parts(state, run, &check, err);
}
