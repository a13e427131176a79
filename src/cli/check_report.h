/* check_report.h: the findings of `check` as text and as JSON. Source: spec cli §6 */
#ifndef RIVET_CLI_CHECK_REPORT_H
#define RIVET_CLI_CHECK_REPORT_H

#include <jansson.h>

#include "preflight/check.h"

/* One export: an empty line, then its block. */
void check_report_export(const ExportCheck *check, bool with_types, Buffer *out);
void check_report_server(const Check *check, Buffer *out);

/* Version 1 of the document; the caller drops it. */
json_t *check_report_json(const Check *check, const char *config_path, bool with_types);

/* "~7", "~12K", "~5M" */
enum { CHECK_ROWS_BYTES = 32 };
void check_rows_text(int64_t rows, char text[CHECK_ROWS_BYTES]);

#endif
