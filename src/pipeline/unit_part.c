#include "pipeline/unit_part.h"

#include <unistd.h>

#include "pipeline/ledger.h"
#include "util/fault.h"
#include "util/log.h"
#include "util/memory.h"
#include "util/random.h"
#include "util/temporary.h"

#define MODULE "rivet::unit"

static const char COPY_HINT[] =
    "--validate keeps a copy of each file of a bucket in TMPDIR until it "
    "is checked: it needs room there";

static bool
keeps_rows(const UnitRun *run)
{
    return !run->destination->is_stream;
}

static bool
sink_to_upload(void *receiver, const void *bytes, size_t size_bytes, Error *err)
{
    OpenPart *open = receiver;

    return (open->copy_fd < 0 ||
            temporary_write(open->copy_fd, bytes, size_bytes, COPY_HINT, err)) &&
           upload_write(open->upload, bytes, size_bytes, err);
}

static const char *
part_name(const UnitRun *run, int64_t part)
{
    const ExportConfig *export = run->context->export;

    return naming_part(export, run->context->run, run->job->chunk, part,
                       format_extension(export->format, export->compression), &run->result->arena);
}

/* A name that is taken would only be noticed once the intents stand; now it costs nothing yet. */
static bool
check_name_is_free(const UnitRun *run, const UploadRef *ref, Error *err)
{
    ProbeResult found = PROBE_ABSENT;

    if (run->destination->is_stream)
        return true;
    if (!destination_probe(run->destination, ref, &found, err))
        return false;
    if (found == PROBE_ABSENT)
        return true;
    err->hint = "move that file away, or let file_name hold {ts}";
    return error_set(err, ERR_IO, "'%s' exists and is not ours; nothing was overwritten", ref->key);
}

static bool
take_lone_name(UnitRun *run, Error *err)
{
    if (run->destination->driver->fixes_key)
        return true;
    run->open->part.ref.key = part_name(run, NAMING_NONE);
    return run->context->export->max_file_size_bytes == 0 ||
           check_name_is_free(run, &run->open->part.ref, err);
}

/* Step 1: the row, the object, its reference into the row; then the writer on top. */
static bool
open_part(UnitRun *run, Error *err)
{
    const ExportConfig *export = run->context->export;
    OpenPart *open = &run->room;
    int64_t index = (int64_t)run->result->part_count;
    bool splits = export->max_file_size_bytes > 0;

    *open = (OpenPart){.part.index = index, .copy_fd = -1};
    open->part.ref.key = part_name(run, splits ? index : NAMING_NONE);
    random_hex(open->part.ref.nonce, 16);
    if (!check_name_is_free(run, &open->part.ref, err))
        return false;
    if (keeps_rows(run) && !ledger_part_open(run->context, run->job->unit, &open->part, err))
        return false;
    FAULT_POINT("unit.part.recorded");
    if (!destination_open(run->destination, &open->part.ref, &open->upload, err))
        return false;
    FAULT_POINT("unit.part.created");
    run->open = open;
    sink_init(&open->sink, sink_to_upload, open);
    if (keeps_rows(run) && !ledger_part_reference(run->context, run->job->unit, &open->part, err))
        return false;
    FAULT_POINT("unit.part.referenced");
    if (run->context->validates && run->destination->driver->hides_sealed &&
        !temporary_open(&open->copy_fd, err))
        return false;
    if (index > 0)
        log_info(MODULE, "file split export=%s part=%" PRId64, export->name, index + 1);
    return format_open(export->format, &run->format, &open->sink, &open->writer, err);
}

void
unit_part_release(UnitRun *run)
{
    OpenPart *open = run->open;

    if (open == NULL)
        return;
    if (run->destination->is_stream && !run->destination->needs_spool && open->sink.size_bytes > 0)
        run->result->has_streamed = true;
    format_free(open->writer);
    sink_release(&open->sink);
    upload_release(open->upload);
    if (open->copy_fd >= 0)
        close(open->copy_fd);
    run->open = NULL;
}

/* Step 3 for one part: the footer, and the first proof that no row was lost on the way. */
static bool
finish_part(UnitRun *run, Error *err)
{
    OpenPart *open = run->open;

    if (!format_finish(open->writer, err))
        return false;
    if (open->writer->row_count != open->part.row_count)
        return error_set(err, ERR_INTERNAL,
                         "rows written (%" PRIu64 ") differ from rows taken (%" PRIu64 ")",
                         open->writer->row_count, open->part.row_count);
    open->part.ref.size_bytes = open->sink.size_bytes;
    open->part.ref.xxh3 = sink_xxh3(&open->sink);
    FAULT_POINT("unit.part.finished");
    return true;
}

static bool
open_sealed(const UnitRun *run, OpenPart *open, Readable *file, Error *err)
{
    int fd = open->copy_fd;

    if (fd < 0)
        return destination_open_read(run->destination, &open->part.ref, file, err);
    open->copy_fd = -1;
    return readable_open_fd(fd, file, err);
}

static bool
validate_part(const UnitRun *run, OpenPart *open, Error *err)
{
    const SealedPart *part = &open->part;
    const ExportConfig *export = run->context->export;
    VerifyExpectation want = {
        .kind = export->format,
        .compression = export->compression,
        .csv = &export->csv,
        .schema = run->result->schema,
        .row_count = part->row_count,
    };
    Readable file = {0};

    bool ok = open_sealed(run, open, &file, err) && format_verify(&file, &want, err);
    readable_close(&file);
    if (!ok)
        return error_add_context(err, "file=%s", part->ref.key);
    log_info(MODULE, "validated export=%s file=%s rows=%" PRIu64, export->name, part->ref.key,
             part->row_count);
    return true;
}

static void
keep_part(UnitResult *result, const SealedPart *part)
{
    if (result->part_count == result->part_capacity) {
        result->part_capacity = size_max(4, result->part_capacity * 2);
        result->parts =
            memory_resize(result->parts, result->part_capacity * sizeof(*result->parts));
    }
    SealedPart *kept = &result->parts[result->part_count++];
    *kept = *part;
    if (part->ref.tail_bytes > 0)
        kept->ref.tail = (const uint8_t *)arena_dup_bytes(
            &result->arena, (const char *)part->ref.tail, part->ref.tail_bytes);
    result->byte_count += part->ref.size_bytes;
}

/* Step 4 for one part. is_last: no further part follows, so a lone part loses its suffix. */
bool
unit_part_seal(UnitRun *run, bool is_last, Error *err)
{
    OpenPart *open = run->open;

    if (!open->is_full && !finish_part(run, err))
        return false;
    if (is_last && open->part.index == 0 && !take_lone_name(run, err))
        return false;
    FAULT_POINT("unit.part.unsealed");
    if (!upload_seal(open->upload, &open->part.ref, err))
        return false;
    FAULT_POINT("unit.part.durable");
    if (run->context->validates && !validate_part(run, open, err))
        return false;
    if (keeps_rows(run) && !ledger_part_seal(run->context, run->job->unit, &open->part, err))
        return false;
    FAULT_POINT("unit.part.sealed");
    keep_part(run->result, &open->part);
    unit_part_release(run);
    return true;
}

bool
unit_part_write(UnitRun *run, const Batch *batch, Error *err)
{
    size_t row = 0;

    while (row < batch->row_count) {
        size_t first = row;
        if (run->open != NULL && run->open->is_full && !unit_part_seal(run, false, err))
            return false;
        if (run->open == NULL && !open_part(run, err))
            return false;
        bool is_full = false;
        if (!format_write(run->open->writer, batch, first, &row, &is_full, err))
            return false;
        run->open->part.row_count += row - first;
        if (is_full) {
            if (!finish_part(run, err))
                return false;
            run->open->is_full = true;
        }
    }
    run->result->row_count += batch->row_count;
    return true;
}
