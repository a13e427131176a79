/* result.h: what became of one export, for the summary, the metrics and the exit status. */
#ifndef RIVET_PIPELINE_RESULT_H
#define RIVET_PIPELINE_RESULT_H

#include "config/config.h"
#include "source/source.h"

typedef enum ExportStatus { STATUS_FAILED, STATUS_SUCCESS, STATUS_SKIPPED } ExportStatus;
typedef enum SchemaStatus {
    SCHEMA_NOT_COMPARED,
    SCHEMA_NEW,
    SCHEMA_UNCHANGED,
    SCHEMA_CHANGED,
} SchemaStatus;
typedef enum CheckStatus { CHECK_NOT_DONE, CHECK_PASSED, CHECK_FAILED } CheckStatus;

typedef struct ExportResult {
    const ExportConfig *export;
    char run_id[160];
    ExportStatus status;
    uint64_t row_count;
    uint64_t file_count;
    uint64_t byte_count;
    int64_t duration_ms;
    uint64_t peak_rss_bytes;
    int64_t retry_count;
    CheckStatus validated;
    CheckStatus quality;
    CheckStatus reconciled;
    uint64_t source_count;      /* when reconciled */
    bool lacks_common_snapshot; /* reconciled: rows and count do not come from one snapshot */
    SchemaStatus schema;
    PolicyCounts policy_counts;
    bool is_output_closed; /* the reader of stdout left; what it took was right */
    Error error;           /* when failed */
} ExportResult;

const char *export_status_word(ExportStatus status);

/* The exit status of several exports: 0, their common one, else 1. */
int result_exit_status(const ExportResult *results, size_t count);

#endif
