#include "format/csv/csv.h"
#include "format/csv/decoder.h"

typedef struct Count {
    uint64_t records;
    uint64_t delimiters; /* outside of quotes */
    bool is_quoted;      /* inside a quoted cell; a doubled quote leaves and enters it again */
    bool is_record_open; /* bytes follow the last record */
} Count;

/* Quotes stand only around cells and doubled within, so their parity tells inside from outside. */
static void
count_piece(Count *count, const uint8_t *bytes, size_t size_bytes, uint8_t delimiter)
{
    unsigned quoted = count->is_quoted;
    uint64_t records = 0;
    uint64_t delimiters = 0;

    for (size_t i = 0; i < size_bytes; i++) {
        quoted ^= bytes[i] == '"';
        records += (bytes[i] == '\n') & (quoted ^ 1);
        delimiters += (bytes[i] == delimiter) & (quoted ^ 1);
    }
    count->is_quoted = quoted != 0;
    count->is_record_open = bytes[size_bytes - 1] != '\n' || count->is_quoted;
    count->records += records;
    count->delimiters += delimiters;
}

static bool
check_count(const Count *count, const VerifyExpectation *want, Error *err)
{
    uint64_t header = want->csv->has_header ? 1 : 0;

    if (count->is_quoted || count->is_record_open)
        return error_set(err, ERR_CHECK, "validation failed: the file ends inside a %s",
                         count->is_quoted ? "quoted cell" : "record");
    if (count->records < header)
        return error_set(err, ERR_CHECK, "validation failed: the header is missing");
    if (count->records - header != want->row_count)
        return error_set(err, ERR_CHECK,
                         "validation failed: expected %" PRIu64 " rows, got %" PRIu64,
                         want->row_count, count->records - header);
    if (want->schema == NULL)
        return true;
    uint64_t cells = count->delimiters + count->records;
    if (cells != count->records * want->schema->column_count)
        return error_set(err, ERR_CHECK,
                         "validation failed: expected %" PRIu64 " cells, got %" PRIu64,
                         count->records * want->schema->column_count, cells);
    return true;
}

bool
csv_verify(const Readable *file, const VerifyExpectation *want, Error *err)
{
    CsvDecoder *decoder = NULL;
    Count count = {0};
    const uint8_t *bytes = NULL;
    size_t size_bytes = 1;

    bool ok = csv_decoder_new(file, want->compression, &decoder, err);
    while (ok && size_bytes > 0) {
        ok = csv_decoder_next(decoder, &bytes, &size_bytes, err);
        if (ok && size_bytes > 0)
            count_piece(&count, bytes, size_bytes, (uint8_t)want->csv->delimiter);
    }
    csv_decoder_free(decoder);
    return ok && check_count(&count, want, err);
}
