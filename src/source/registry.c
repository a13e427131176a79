#include "source/mysql/mysql_source.h"
#include "source/postgres/postgres.h"

#include "util/memory.h"

static const SourceDriver *const DRIVERS[] = {
    &POSTGRES_DRIVER,
    &MYSQL_DRIVER,
};

bool
source_connect(const SourceOptions *options, Source **out, Error *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(DRIVERS); i++) {
        if (DRIVERS[i]->kind == options->address->kind)
            return DRIVERS[i]->connect(options, out, err);
    }
    return error_set(err, ERR_UNSUPPORTED,
                     "source.type: this kind is not available in this version");
}

void
source_plan_free(ReadPlan *plan)
{
    if (plan == NULL)
        return;
    arena_release(&plan->arena);
    free(plan);
}
