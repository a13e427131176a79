/* progress_line.h: one running export in words and numbers; nothing here touches a terminal. */
#ifndef RIVET_CLI_PROGRESS_LINE_H
#define RIVET_CLI_PROGRESS_LINE_H

#include "pipeline/progress.h"
#include "util/buffer.h"

/* An export at one moment. */
typedef struct ProgressFacts {
    const char *name;
    ProgressPhase phase;
    uint64_t rows;
    uint64_t bytes;
    uint64_t row_estimate; /* 0: not known */
    uint64_t chunk_count;  /* 0: not in chunks */
    uint64_t chunks_done;
    uint64_t chunks_before;
    double rows_per_s;  /* lately */
    int64_t elapsed_ms; /* since it began */
} ProgressFacts;

/* What all lines of a picture share, so that their columns stand below each other. */
typedef struct ProgressLayout {
    size_t name_width;
    size_t bar_width; /* 0: without; likewise the three below */
    size_t chunks_width;
    bool has_bytes;
    bool has_rate;
    bool has_colour;
} ProgressLayout;

/* The most that goes into `columns`, of which the last stays free. */
ProgressLayout progress_layout(const ProgressFacts *facts, size_t count, size_t columns,
                               bool has_colour);

/* With its line end. */
void progress_append_line(const ProgressLayout *layout, const ProgressFacts *facts, Buffer *out);
/* For a log: the same in a sentence, without line end. */
void progress_append_sentence(const ProgressFacts *facts, Buffer *out);

/* 0 … 1, and seconds left; below 0: not known. */
double progress_fraction(const ProgressFacts *facts);
int64_t progress_left_s(const ProgressFacts *facts);

/* "0:42", "1:02:03" */
void progress_append_time(int64_t seconds, Buffer *out);

#endif
