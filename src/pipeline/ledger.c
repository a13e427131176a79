#include "pipeline/ledger.h"

#include "pipeline/export_run.h"

typedef bool (*StatePartFunction)(State *state, const PartRow *part, Error *err);

typedef struct PartCall {
    StatePartFunction function;
    PartRow row;
} PartCall;

static bool
write_part_row(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const PartCall *call = argument;

    return call->function(run->context->state, &call->row, err);
}

static bool
record(const UnitContext *context, StatePartFunction function, int64_t unit, const SealedPart *part,
       Error *err)
{
    PartCall call = {
        .function = function,
        .row =
            {
                .run_id = context->run->run_id,
                .unit = unit,
                .part_index = part->index,
                .key = part->ref.key,
                .nonce = part->ref.nonce,
                .upload_ref = part->ref.reference,
                .rows = part->row_count,
                .bytes = part->ref.size_bytes,
                .xxh3 = part->ref.xxh3,
                .store_check = part->ref.store_check,
                .tail = part->ref.tail,
                .tail_bytes = part->ref.tail_bytes,
            },
    };

    return exchange_call(context->exchange, write_part_row, &call, err);
}

bool
ledger_part_open(const UnitContext *context, int64_t unit, const SealedPart *part, Error *err)
{
    return record(context, state_part_open, unit, part, err);
}

bool
ledger_part_reference(const UnitContext *context, int64_t unit, const SealedPart *part, Error *err)
{
    return record(context, state_part_set_reference, unit, part, err);
}

bool
ledger_part_seal(const UnitContext *context, int64_t unit, const SealedPart *part, Error *err)
{
    return record(context, state_part_seal, unit, part, err);
}
