#include "format/parquet/part_size.h"

enum { COLUMN_FOOTER_BYTES = 300, MEASURES_PER_LIMIT = 16 };

void
part_size_init(PartSize *size, uint64_t limit_bytes)
{
    *size = (PartSize){.limit_bytes = limit_bytes};
}

void
part_size_note_close(PartSize *size, const RowGroup *group)
{
    size->closed_raw_bytes += row_group_raw_bytes(group);
}

static uint64_t
estimate_file(const RowGroup *group, uint64_t file_bytes, const Footer *footer)
{
    uint64_t total = file_bytes + footer->metadata.size + footer->column_indexes.size +
                     footer->offset_indexes.size + COLUMN_FOOTER_BYTES * group->column_count;

    for (size_t i = 0; i < group->column_count; i++)
        total += column_writer_estimate_bytes(&group->columns[i]);
    return total;
}

bool
part_size_test(PartSize *size, RowGroup *group, uint64_t file_bytes, Footer *footer, bool *is_full,
               Error *err)
{
    uint64_t raw = size->closed_raw_bytes + row_group_raw_bytes(group);
    uint64_t exact = 0;

    *is_full = footer->row_group_count + 1 >= ROW_GROUPS_MAX;
    if (*is_full || size->limit_bytes == 0 || raw < size->measure_at_bytes ||
        estimate_file(group, file_bytes, footer) < size->limit_bytes)
        return true;
    if (!row_group_file_size(group, file_bytes, footer, &exact, err))
        return false;
    size->measure_at_bytes = raw + size->limit_bytes / MEASURES_PER_LIMIT;
    *is_full = exact >= size->limit_bytes;
    return true;
}
