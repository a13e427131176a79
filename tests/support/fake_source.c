#include "fake_source.h"

static ColumnSchema column = {.name = "id", .source_type = "fake", .is_exact = true};
static Schema schema = {.columns = &column, .column_count = 1};
static ReadPlan plan = {.schema = &schema};

static int
compare(const FakeSource *fake, const char *a, const char *b)
{
    if (!fake->is_integer)
        return strcmp(a, b);
    if (a[0] != '-' && b[0] != '-') {
        unsigned long long x = strtoull(a, NULL, 10);
        unsigned long long y = strtoull(b, NULL, 10);
        return x < y ? -1 : x > y;
    }
    long long x = strtoll(a, NULL, 10);
    long long y = strtoll(b, NULL, 10);
    return a[0] == '-' && b[0] != '-' ? -1 : a[0] != '-' && b[0] == '-' ? 1 : x < y ? -1 : x > y;
}

bool
fake_source_holds(const FakeSource *fake, const ReadRange *range, const char *key)
{
    if (range->column_count == 0)
        return true;
    if (key == NULL)
        return range->is_null;
    if (range->is_null)
        return false;
    int low = range->lower_kind == BOUND_NONE ? 1 : compare(fake, key, range->lower[0]);
    int high = range->upper_kind == BOUND_NONE ? -1 : compare(fake, key, range->upper[0]);
    return (low > 0 || (low == 0 && range->lower_kind == BOUND_INCLUSIVE)) &&
           (high < 0 || (high == 0 && range->upper_kind == BOUND_INCLUSIVE));
}

static bool
find_column(const Schema *in, const char *written, size_t *index, Error *err)
{
    *index = schema_find(in, written);
    return *index < in->column_count ||
           error_set(err, ERR_CONFIG, "the result has no column '%s'", written);
}

static bool
find_key(Source *source, const ReadPlan *of, const KeyQuery *query, Arena *arena,
         const char *const **key, bool *found, Error *err)
{
    FakeSource *fake = (FakeSource *)source;
    uint64_t passed = 0;

    (void)of;
    (void)err;
    fake->find_count++;
    *found = false;
    *key = NULL;
    for (size_t i = 0; i < fake->count; i++) {
        size_t at = query->from_top ? fake->count - 1 - i : i;
        if (!fake_source_holds(fake, query->within, fake->keys[at]) || passed++ < query->offset)
            continue;
        const char **texts = ARENA_ARRAY(arena, const char *, 1);
        texts[0] = fake->keys[at];
        *key = texts;
        *found = true;
        break;
    }
    return true;
}

static bool
has_null_key(Source *source, const ReadPlan *of, const char *const *columns, size_t count,
             bool *found, Error *err)
{
    (void)of;
    (void)columns;
    (void)count;
    (void)err;
    *found = ((FakeSource *)source)->has_nulls;
    return true;
}

static bool
count_rows(Source *source, const ReadPlan *of, const ReadRange *range, uint64_t *count, Error *err)
{
    FakeSource *fake = (FakeSource *)source;

    (void)of;
    (void)range;
    (void)err;
    fake->scan_count++;
    *count = fake->count;
    return true;
}

static bool
estimate_rows(Source *source, const ReadPlan *of, uint64_t *count, Error *err)
{
    (void)of;
    (void)err;
    *count = ((FakeSource *)source)->estimate;
    return true;
}

static bool
default_key(Source *source, const ReadPlan *of, Arena *arena, const char **name, Error *err)
{
    (void)of;
    (void)arena;
    (void)err;
    *name = ((FakeSource *)source)->default_key;
    return true;
}

static bool
page_facts(Source *source, const ReadPlan *of, PageFacts *facts, Error *err)
{
    (void)of;
    (void)err;
    *facts = ((FakeSource *)source)->pages;
    return true;
}

void
fake_source_init(FakeSource *fake, TypeKind kind)
{
    memset(fake, 0, sizeof(*fake));
    fake->driver = (SourceDriver){
        .kind = SOURCE_POSTGRES,
        .find_column = find_column,
        .find_key = find_key,
        .has_null_key = has_null_key,
        .count_rows = count_rows,
        .estimate_rows = estimate_rows,
        .default_key = default_key,
        .page_facts = page_facts,
    };
    fake->is_integer = kind >= TYPE_INT8 && kind <= TYPE_UINT64;
    fake->base.driver = &fake->driver;
    column.type.kind = kind;
}

const ReadPlan *
fake_source_plan(FakeSource *fake)
{
    (void)fake;
    return &plan;
}
