#include "format/csv/csv.h"
#include "format/format.h"
#include "format/parquet/parquet.h"
#include "format/parquet/verify.h"

/* A row per driver: how it writes, how it checks a file, what its files are called. Parquet
 * compresses inside, so its codec does not show in the name. */
static const struct {
    const FormatDriver *driver;
    bool (*verify)(const Readable *file, const VerifyExpectation *want, Error *err);
    const char *plain;
    const char *gzip;
    const char *zstd;
} FORMATS[] = {
    {&PARQUET_DRIVER, parquet_verify, "parquet", "parquet", "parquet"},
    {&CSV_DRIVER, csv_verify, "csv", "csv.gz", "csv.zst"},
};

/* Every kind of the enumeration has its row. */
static size_t
find_format(FormatKind kind)
{
    size_t i = 0;

    while (FORMATS[i].driver->kind != kind) {
        i++;
        assert(i < ARRAY_LENGTH(FORMATS));
    }
    return i;
}

bool
format_open(FormatKind kind, const FormatOptions *options, Sink *sink, Writer **out, Error *err)
{
    return FORMATS[find_format(kind)].driver->open(options, sink, out, err);
}

bool
format_verify(const Readable *file, const VerifyExpectation *want, Error *err)
{
    return FORMATS[find_format(want->kind)].verify(file, want, err);
}

const char *
format_extension(FormatKind kind, Compression compression)
{
    size_t i = find_format(kind);

    if (compression == COMPRESSION_GZIP)
        return FORMATS[i].gzip;
    return compression == COMPRESSION_ZSTD ? FORMATS[i].zstd : FORMATS[i].plain;
}
