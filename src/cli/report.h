/* report.h: what people read of a run. Source: spec cli §5.2 */
#ifndef RIVET_CLI_REPORT_H
#define RIVET_CLI_REPORT_H

#include "pipeline/result.h"
#include "util/buffer.h"

/* The summary block of one export. */
void report_summary(const ExportResult *result, Buffer *out);

/* "1023 B", "1.5 KB": powers of 1024, one decimal. */
enum { HUMAN_BYTES = 32 };
void report_human_size(uint64_t size_bytes, char text[HUMAN_BYTES]);
/* "740ms", "3.2s" */
void report_duration(int64_t duration_ms, char text[HUMAN_BYTES]);

/* "Error: first; second", then the hints: the last words of a run with failures. */
void report_failures(const ExportResult *results, size_t count);

/* "Error: …" with its hint on stderr; returns the exit status. */
int report_error(const Error *err);

/* One write, so that blocks of several processes do not interleave. */
void report_write(int fd, const Buffer *text);

#endif
