/* run_context.h: what the main thread holds while it runs exports. */
#ifndef RIVET_PIPELINE_RUN_CONTEXT_H
#define RIVET_PIPELINE_RUN_CONTEXT_H

#include "config/config.h"
#include "state/state.h"

typedef struct RunContext {
    const Config *config;
    const ConfigOptions *config_options;
    State *state;
    bool validates;
    bool reconciles;
    bool resumes;
} RunContext;

#endif
