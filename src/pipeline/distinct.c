#include "pipeline/distinct.h"

#include <errno.h>
#include <unistd.h>

#include <xxhash.h>

#include "util/memory.h"
#include "util/temporary.h"

enum { MERGE_BUFFER_RECORDS = 4096, MIN_RECORDS = 1024 };

typedef struct Record {
    uint64_t low;
    uint64_t high;
} Record;

/* A sorted stretch of the temporary file, read through a small window. */
typedef struct Run {
    uint64_t offset; /* of the next unread byte */
    uint64_t end;
    Record *window;
    size_t window_count;
    size_t at;
} Run;

struct Distinct {
    Record *records;
    size_t record_count;
    size_t record_capacity;
    int fd; /* -1: nothing was put aside */
    uint64_t file_bytes;
    Run *runs;
    size_t run_count;
};

Distinct *
distinct_new(size_t memory_bytes)
{
    Distinct *distinct = memory_alloc_zero(1, sizeof(*distinct));

    distinct->record_capacity = size_max(memory_bytes / sizeof(Record), MIN_RECORDS);
    distinct->fd = -1;
    return distinct;
}

void
distinct_free(Distinct *distinct)
{
    if (distinct == NULL)
        return;
    if (distinct->fd >= 0)
        close(distinct->fd);
    for (size_t i = 0; i < distinct->run_count; i++)
        free(distinct->runs[i].window);
    free(distinct->runs);
    free(distinct->records);
    free(distinct);
}

static int
compare_records(const void *left, const void *right)
{
    const Record *a = left;
    const Record *b = right;

    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return a->high < b->high ? -1 : a->high > b->high;
}

enum { BUCKETS = 256 };

static size_t
bucket_of(const Record *record)
{
    return (size_t)(record->low >> 56);
}

/* Puts each record into the bucket of its first byte, in place. ends: where each bucket ends. */
static void
distribute(Record *records, size_t count, size_t ends[BUCKETS])
{
    size_t next[BUCKETS];

    memset(ends, 0, BUCKETS * sizeof(*ends));
    for (size_t i = 0; i < count; i++)
        ends[bucket_of(&records[i])]++;
    for (size_t bucket = 0, start = 0; bucket < BUCKETS; bucket++) {
        next[bucket] = start;
        start += ends[bucket];
        ends[bucket] = start;
    }
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        while (next[bucket] < ends[bucket]) {
            Record *record = &records[next[bucket]];
            size_t home = bucket_of(record);
            Record moved = records[next[home]];
            records[next[home]++] = *record;
            if (home != bucket)
                *record = moved;
        }
    }
}

/* Hashes spread evenly over the buckets. A plain qsort would take as much memory again. */
static void
sort_records(Record *records, size_t count)
{
    size_t ends[BUCKETS];

    if (count == 0)
        return;
    distribute(records, count, ends);
    for (size_t bucket = 0, start = 0; bucket < BUCKETS; start = ends[bucket++])
        qsort(records + start, ends[bucket] - start, sizeof(Record), compare_records);
}

static const char ROOM_HINT[] = "checking uniqueness needs room in TMPDIR: 16 bytes per value";

/* Sorts the buffer and puts it aside as one more run. */
static bool
spill(Distinct *distinct, Error *err)
{
    uint64_t start = distinct->file_bytes;
    size_t size = distinct->record_count * sizeof(Record);

    sort_records(distinct->records, distinct->record_count);
    if ((distinct->fd < 0 && !temporary_open(&distinct->fd, err)) ||
        !temporary_write(distinct->fd, distinct->records, size, ROOM_HINT, err))
        return false;
    distinct->file_bytes += size;
    distinct->runs =
        memory_resize(distinct->runs, (distinct->run_count + 1) * sizeof(*distinct->runs));
    distinct->runs[distinct->run_count++] = (Run){.offset = start, .end = distinct->file_bytes};
    distinct->record_count = 0;
    return true;
}

static bool
add_record(Distinct *distinct, Record record, Error *err)
{
    if (distinct->record_count == distinct->record_capacity && !spill(distinct, err))
        return false;
    if (distinct->records == NULL)
        distinct->records = memory_alloc(distinct->record_capacity * sizeof(Record));
    distinct->records[distinct->record_count++] = record;
    return true;
}

bool
distinct_add(Distinct *distinct, const void *bytes, size_t size_bytes, Error *err)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, size_bytes);

    return add_record(distinct, (Record){hash.low64, hash.high64}, err);
}

/* The next record of a run without taking it; NULL at its end. */
static bool
peek(Distinct *distinct, Run *run, const Record **record, Error *err)
{
    *record = NULL;
    if (run->at == run->window_count && run->offset < run->end) {
        size_t size = (size_t)(run->end - run->offset);
        size = size_min(size, MERGE_BUFFER_RECORDS * sizeof(Record));
        if (run->window == NULL)
            run->window = memory_alloc(MERGE_BUFFER_RECORDS * sizeof(Record));
        ssize_t got = pread(distinct->fd, run->window, size, (off_t)run->offset);
        if (got != (ssize_t)size)
            return error_set_errno(err, ERR_IO, errno, "cannot read a temporary file back");
        run->offset += size;
        run->window_count = size / sizeof(Record);
        run->at = 0;
    }
    if (run->at < run->window_count)
        *record = &run->window[run->at];
    return true;
}

bool
distinct_merge(Distinct *distinct, Distinct *from, Error *err)
{
    for (size_t i = 0; i < from->record_count; i++)
        if (!add_record(distinct, from->records[i], err))
            return false;
    for (size_t i = 0; i < from->run_count; i++) {
        for (;;) {
            const Record *record = NULL;
            if (!peek(from, &from->runs[i], &record, err))
                return false;
            if (record == NULL)
                break;
            if (!add_record(distinct, *record, err))
                return false;
            from->runs[i].at++;
        }
    }
    return true;
}

/* The run whose next record is the smallest; NULL when all are at their end. */
static bool
pick_smallest(Distinct *distinct, Run **smallest, const Record **record, Error *err)
{
    *smallest = NULL;
    for (size_t i = 0; i < distinct->run_count; i++) {
        const Record *next = NULL;
        if (!peek(distinct, &distinct->runs[i], &next, err))
            return false;
        if (next != NULL && (*smallest == NULL || compare_records(next, *record) < 0)) {
            *smallest = &distinct->runs[i];
            *record = next;
        }
    }
    return true;
}

static bool
count_merged(Distinct *distinct, uint64_t *duplicates, Error *err)
{
    Record last = {0};
    bool has_last = false;

    for (;;) {
        Run *run = NULL;
        const Record *record = NULL;
        if (!pick_smallest(distinct, &run, &record, err))
            return false;
        if (run == NULL)
            return true;
        if (has_last && compare_records(record, &last) == 0)
            (*duplicates)++;
        last = *record;
        has_last = true;
        run->at++;
    }
}

bool
distinct_count_duplicates(Distinct *distinct, uint64_t *duplicates, Error *err)
{
    *duplicates = 0;
    if (distinct->run_count > 0) {
        if (distinct->record_count > 0 && !spill(distinct, err))
            return false;
        free(distinct->records); /* the merge needs the room */
        distinct->records = NULL;
        return count_merged(distinct, duplicates, err);
    }
    sort_records(distinct->records, distinct->record_count);
    for (size_t i = 1; i < distinct->record_count; i++)
        *duplicates +=
            compare_records(&distinct->records[i - 1], &distinct->records[i]) == 0 ? 1 : 0;
    return true;
}
