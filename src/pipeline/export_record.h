/* export_record.h: what an export says about itself: log lines, result, history. */
#ifndef RIVET_PIPELINE_EXPORT_RECORD_H
#define RIVET_PIPELINE_EXPORT_RECORD_H

#include "pipeline/export_run.h"

/* The mode as the state's tables spell it. */
const char *export_mode_state_word(ExportMode mode);

void export_log_tuning(const ExportConfig *export);
void export_sample_rss(ExportResult *result);
/* A run that delivered what it read. */
void export_fill_result(ExportRun *run);
/* One row of history, whatever the outcome; a failure to write it is a warning. */
void export_record_metric(const RunContext *context, const ExportResult *result);

#endif
