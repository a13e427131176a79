/* fake_source.h: a source whose rows are a sorted list of keys, for tests of what asks about keys.
 *
 * Keys are compared as integers (one column) or as texts, byte by byte. Every question is counted,
 * so that a test can tell what planning costs. */
#ifndef RIVET_TESTS_SUPPORT_FAKE_SOURCE_H
#define RIVET_TESTS_SUPPORT_FAKE_SOURCE_H

#include "source/source.h"

typedef struct FakeSource {
    Source base;
    SourceDriver driver;
    const char *const *keys; /* of one column, ascending */
    size_t count;
    bool is_integer;
    bool has_nulls;
    uint64_t estimate;
    const char *default_key; /* NULL: the table has no primary key */
    PageFacts pages;
    size_t find_count; /* calls of find_key */
    size_t scan_count; /* calls of count_rows */
} FakeSource;

/* Prepares *fake; the table has one column, "id", of this type. */
void fake_source_init(FakeSource *fake, TypeKind kind);
/* What describe would give; static, not to be freed. */
const ReadPlan *fake_source_plan(FakeSource *fake);

/* Does the range hold this key (NULL: a row without one)? */
bool fake_source_holds(const FakeSource *fake, const ReadRange *range, const char *key);

#endif
