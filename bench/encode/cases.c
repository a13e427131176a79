#include "cases.h"

#include "util/memory.h"

enum { MILLION = 1000000, NAME_BYTES = 24, PLAIN_LENGTH = 4 };

/* One column each; tables show what many columns and a realistic mix make of them. int32 scattered
 * over 100,000 values cannot do better than 100 million values. */
const BenchCase BENCH_CASES[] = {
    {"serial", DATA_SERIAL, 0, 1, 4 * MILLION, true, 1000},
    {"serial, no dictionary", DATA_SERIAL, 0, 1, 4 * MILLION, false, 1000},
    {"serial, 1 % null", DATA_SERIAL, 1, 1, 4 * MILLION, true, 1000},
    {"serial, 10 % null", DATA_SERIAL, 10, 1, 4 * MILLION, true, 1000},
    {"serial, 50 % null", DATA_SERIAL, 50, 1, 4 * MILLION, true, 1000},
    {"skewed 10,000", DATA_SKEWED, 0, 1, 4 * MILLION, true, 1000},
    {"scattered int32 100,000", DATA_SCATTERED, 0, 1, 4 * MILLION, true, 400},
    {"random", DATA_RANDOM, 0, 1, 4 * MILLION, true, 1000},
    {"foreign key", DATA_FOREIGN_KEY, 0, 1, 4 * MILLION, true, 1000},
    {"timestamp", DATA_TIMESTAMP, 0, 1, 4 * MILLION, true, 1000},
    {"cents", DATA_CENTS, 0, 1, 4 * MILLION, true, 1000},
    {"price", DATA_PRICE, 0, 1, 4 * MILLION, true, 1000},
    {"price, no dictionary", DATA_PRICE, 0, 1, 4 * MILLION, false, 1000},
    {"flag", DATA_FLAG, 0, 1, 4 * MILLION, true, 0},
    {"word", DATA_WORD, 0, 1, 4 * MILLION, true, 500},
    {"word, 10 % null", DATA_WORD, 10, 1, 4 * MILLION, true, 500},
    {"name", DATA_NAME, 0, 1, 4 * MILLION, true, 500},
    {"name, no dictionary", DATA_NAME, 0, 1, 4 * MILLION, false, 500},
    {"sentence", DATA_SENTENCE, 0, 1, MILLION, true, 500},
    {"json", DATA_JSON, 0, 1, MILLION, true, 500},
    {"5 columns", DATA_MIXED, 5, 5, MILLION, true, 0},
    {"50 columns", DATA_MIXED, 5, 50, 200000, true, 0},
    {"500 columns", DATA_MIXED, 5, 500, 20000, true, 0},
};
const size_t BENCH_CASE_COUNT = ARRAY_LENGTH(BENCH_CASES);

static uint64_t
next_random(uint64_t *state)
{
    uint64_t x = (*state += UINT64_C(0x9E3779B97F4A7C15));

    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static Type
type_of(DataKind kind)
{
    switch (kind) {
    case DATA_SCATTERED:
        return (Type){.kind = TYPE_INT32};
    case DATA_TIMESTAMP:
        return (Type){.kind = TYPE_TIMESTAMPTZ};
    case DATA_CENTS:
        return (Type){.kind = TYPE_DECIMAL, .precision = 12, .scale = 2};
    case DATA_PRICE:
        return (Type){.kind = TYPE_DOUBLE};
    case DATA_FLAG:
        return (Type){.kind = TYPE_BOOL};
    case DATA_WORD:
    case DATA_NAME:
    case DATA_SENTENCE:
    case DATA_JSON:
        return (Type){.kind = TYPE_TEXT};
    default:
        return (Type){.kind = TYPE_INT64};
    }
}

static DataKind
kind_of_column(const BenchCase *what, size_t column)
{
    return what->kind == DATA_MIXED ? (DataKind)(column % DATA_MIXED) : what->kind;
}

static void
append_text(Column *column, const char *text, int size)
{
    Error err = ERROR_INIT;

    if (!column_append_bytes(column, text, (size_t)size, &err))
        abort();
}

static int
write_sentence(uint64_t *random, char *text, size_t room)
{
    static const char *const WORDS[] = {"order",    "was",      "shipped", "to",      "the",
                                        "customer", "returned", "because", "of",      "a",
                                        "damaged",  "parcel",   "invoice", "remains", "unpaid",
                                        "since",    "spring",   "again"};
    int size = 0;

    for (int word = 0; word < 20; word++)
        size += snprintf(text + size, room - (size_t)size, "%s ",
                         WORDS[next_random(random) % ARRAY_LENGTH(WORDS)]);
    return size;
}

/* What a column's next value continues from. */
typedef struct ColumnState {
    uint64_t random;
    int64_t serial;
    int64_t clock;
} ColumnState;

static void
append_value(Column *column, DataKind kind, ColumnState *state)
{
    static const char *const STATES[] = {"open", "closed", "waiting", "in transit", "returned"};
    uint64_t random = next_random(&state->random);
    char text[512];

    state->serial++;
    switch (kind) {
    case DATA_SERIAL:
        column_append_i64(column, state->serial);
        return;
    case DATA_SKEWED:
        column_append_i64(column, (int64_t)((random % 100) * (random >> 8 & 0xFF) % 100 +
                                            (random >> 16) % 100 * 100) *
                                      1000003);
        return;
    case DATA_SCATTERED:
        column_append_i32(column, (int32_t)((uint32_t)(random % 100000) * 2654435761U));
        return;
    case DATA_RANDOM:
        column_append_i64(column, (int64_t)random);
        return;
    case DATA_FOREIGN_KEY:
        column_append_i64(column, state->serial / 3);
        return;
    case DATA_TIMESTAMP:
        state->clock += (int64_t)(random % 60000000);
        column_append_i64(column, INT64_C(1700000000000000) + state->clock);
        return;
    case DATA_CENTS:
        column_append_i64(column, (int64_t)(random % 1000000));
        return;
    case DATA_PRICE:
        column_append_f64(column, (double)(random % 10000000) / 100);
        return;
    case DATA_FLAG:
        column_append_bool(column, random % 10 == 0);
        return;
    case DATA_WORD:
        append_text(
            column, text,
            snprintf(text, sizeof(text), "%s%" PRIu64, STATES[random % 5], random / 5 % 20));
        return;
    case DATA_NAME:
        append_text(column, text,
                    snprintf(text, sizeof(text), "user-%" PRIu64, random % 1000000000));
        return;
    case DATA_SENTENCE:
        append_text(column, text, write_sentence(&state->random, text, sizeof(text)));
        return;
    case DATA_JSON:
        append_text(column, text,
                    snprintf(text, sizeof(text),
                             "{\"id\": %" PRId64 ", \"page\": \"/item/%" PRIu64
                             "\", \"ms\": %" PRIu64 ", \"ok\": true}",
                             state->serial, random % 100000, random >> 40));
        return;
    case DATA_MIXED:
        abort();
    }
}

void
bench_table_count(BenchTable *table, const Batch *batch)
{
    for (size_t i = 0; i < batch->column_count; i++) {
        const Column *column = &batch->columns[i];
        table->value_count += column->value_count;
        table->plain_bytes += column->storage == STORAGE_BYTES
                                  ? column->data_size + PLAIN_LENGTH * column->value_count
                                  : column->value_count * type_width_bytes(column->type);
    }
}

static void
fill(BenchTable *table, const BenchCase *what, ColumnState *states, Batch *batch, size_t row_count)
{
    for (size_t i = 0; i < batch->column_count; i++) {
        Column *column = &batch->columns[i];
        for (size_t row = 0; row < row_count; row++) {
            if (next_random(&states[i].random) % 100 < what->null_percent)
                column_append_null(column);
            else
                append_value(column, kind_of_column(what, i), &states[i]);
        }
    }
    batch->row_count = row_count;
    bench_table_count(table, batch);
}

void
bench_table_init(BenchTable *table, const BenchCase *what, size_t batch_rows)
{
    ColumnState *states = memory_alloc_zero(what->column_count, sizeof(*states));

    *table = (BenchTable){
        .columns = memory_alloc_zero(what->column_count, sizeof(*table->columns)),
        .batch_count = (what->row_count + batch_rows - 1) / batch_rows,
    };
    for (size_t i = 0; i < what->column_count; i++) {
        char *name = memory_alloc(NAME_BYTES);
        snprintf(name, NAME_BYTES, "c%zu", i);
        table->columns[i] = (ColumnSchema){.name = name, .type = type_of(kind_of_column(what, i))};
        states[i].random = i;
    }
    table->schema = (Schema){.columns = table->columns, .column_count = what->column_count};
    table->batches = memory_alloc_zero(table->batch_count, sizeof(*table->batches));
    for (size_t i = 0; i < table->batch_count; i++) {
        batch_init(&table->batches[i], &table->schema, batch_rows, SIZE_MAX);
        fill(table, what, states, &table->batches[i],
             size_min(batch_rows, what->row_count - i * batch_rows));
    }
    free(states);
}

void
bench_table_release(BenchTable *table)
{
    for (size_t i = 0; i < table->batch_count; i++)
        batch_release(&table->batches[i]);
    for (size_t i = 0; i < table->schema.column_count; i++)
        free((void *)(uintptr_t)table->columns[i].name);
    free(table->batches);
    free(table->columns);
    *table = (BenchTable){0};
}
