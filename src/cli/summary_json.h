/* summary_json.h: what became of a run, for programs. docs/output.md describes the document. */
#ifndef RIVET_CLI_SUMMARY_JSON_H
#define RIVET_CLI_SUMMARY_JSON_H

#include <jansson.h>

#include "pipeline/result.h"

enum { SUMMARY_VERSION = 1 };

/* One item of "exports"; the caller drops it. */
json_t *summary_json_export(const ExportResult *result);

typedef struct SummaryFacts {
    const char *config_path;
    int64_t started_us, finished_us;
    int exit_status;
} SummaryFacts;

/* The document; takes over exports, a list of the above. The caller drops it. */
json_t *summary_json(const SummaryFacts *facts, json_t *exports);

#endif
