/* raw_config.h: the configuration between the file and config.h: filled by the option tables,
 * checked by validate.c, completed by derive.c.
 *
 * It adds to the typed result what only loading needs: which tuning fields were written, texts
 * that are parsed later, and the YAML nodes for the lines of messages. */
#ifndef RIVET_CONFIG_RAW_CONFIG_H
#define RIVET_CONFIG_RAW_CONFIG_H

#include "config/node.h"

/* Every field optional; profile and fetch hold values of their enums. */
typedef struct TuningFields {
    OptionalInt profile;
    OptionalInt batch_size;
    OptionalInt batch_size_memory_mb;
    OptionalInt throttle_ms;
    OptionalInt statement_timeout_s;
    OptionalInt max_retries;
    OptionalInt retry_backoff_ms;
    OptionalInt lock_timeout_s;
    OptionalInt memory_threshold_mb;
    OptionalInt statement_target_ms;
    OptionalInt connect_timeout_s;
    OptionalInt fetch;
} TuningFields;

typedef struct RawRatios {
    NullRatioLimit *items;
    size_t count;
} RawRatios;

typedef struct RawOverrides {
    ColumnOverride *items;
    size_t count;
} RawOverrides;

typedef struct RawExport {
    ExportConfig config;
    TuningFields tuning;        /* as written in the export */
    TuningFields merged_tuning; /* over the source's */
    const char *max_file_size;
    OptionalInt chunk_max_attempts;
    OptionalInt days_window;
    OptionalInt compression; /* set: written in the file */
    OptionalInt target;
    OptionalInt encode_threads;
    RawRatios ratios;
    RawOverrides overrides;
    unsigned partition_granularity;
    const Node *node;
} RawExport;

typedef struct RawExports {
    RawExport *items;
    size_t count;
} RawExports;

typedef struct RawConfig {
    Config config; /* without arena, path, exports and warnings */
    TuningFields tuning;
    OptionalInt tls_mode;
    RawExports exports;
    const Node *source_node;
} RawConfig;

#endif
