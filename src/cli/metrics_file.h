/* metrics_file.h: a summary as OpenMetrics text, for the textfile collector of node_exporter.
 *
 * Source  OpenMetrics 1.0; what is measured: docs/output.md */
#ifndef RIVET_CLI_METRICS_FILE_H
#define RIVET_CLI_METRICS_FILE_H

#include <jansson.h>

#include "util/buffer.h"

/* From a document of summary_json.h that finished at finished_us. */
void metrics_file_text(const json_t *summary, int64_t finished_us, Buffer *out);

#endif
