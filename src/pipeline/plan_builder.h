/* plan_builder.h: the pieces of plan_chunks, inside plan*.c only. */
#ifndef RIVET_PIPELINE_PLAN_BUILDER_H
#define RIVET_PIPELINE_PLAN_BUILDER_H

#include "pipeline/plan.h"

typedef struct PlanBuilder {
    const ExportConfig *export;
    Source *source;
    const ReadPlan *query;
    Arena *arena;
    ChunkPlan *plan;
    size_t capacity;
    bool is_default_key; /* a primary key: never NULL */
} PlanBuilder;

/* A new last chunk over the plan's columns, without bounds yet. */
ReadRange *plan_add_chunk(PlanBuilder *builder);

/* plan_cut.c. lowest and highest are known. plan_cut_range leaves the kind alone, and cuts nothing,
 * when the key is too sparse for windows or windows are not asked for. */
MUST_USE bool plan_cut_range(PlanBuilder *builder, Error *err);
MUST_USE bool plan_cut_walk(PlanBuilder *builder, Error *err);

#endif
