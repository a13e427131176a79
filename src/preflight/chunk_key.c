#include "preflight/chunk_key.h"

#include "preflight/columns.h"

static const char NO_RESUME_DENSE[] = "row numbers (chunk_dense) shift between snapshots; "
                                      "chunk_by: rows cuts the same number of rows "
                                      "along the key";
static const char NO_RESUME_PAGES[] =
    "pages of a table without a key mean something in one snapshot only; name a chunk_column";

static bool
find_columns(const ExportConfig *export, Source *source, const ReadPlan *query, Arena *arena,
             ChunkKey *key, Error *err)
{
    const char *column = NULL;

    key->columns = export->chunk_columns;
    if (key->columns.count > 0)
        return true;
    if (!source_default_key(source, query, arena, &column, err))
        return false;
    if (column == NULL)
        return true;
    const char **columns = ARENA_ARRAY(arena, const char *, 1);
    columns[0] = column;
    key->columns = (TextList){.items = columns, .count = 1};
    key->is_default = true;
    return true;
}

static bool
find_pages(const ExportConfig *export, Source *source, const ReadPlan *query, ChunkKey *key,
           Error *err)
{
    if (!export->chunk_dense && !source_page_facts(source, query, &key->pages, err))
        return false;
    if (key->pages.can_read_pages)
        return true;
    err->hint = "name chunk_column: a column, or a list of columns, that an index serves";
    return error_set(err, ERR_CONFIG,
                     "export '%s': no chunk_column, and the query is not over one table with a "
                     "primary key of one column",
                     export->name);
}

static bool
check_use(const ExportConfig *export, const ChunkKey *key, Error *err)
{
    if (export->destination.kind == DESTINATION_STDOUT) {
        err->hint = "use mode: full, or a destination that keeps files";
        return error_set(err, ERR_CONFIG,
                         "mode: chunked writes a file per chunk, and stdout is one");
    }
    if (!export->chunk_checkpoint || key->no_resume == NULL)
        return true;
    err->hint = export->chunk_dense ? "chunk_by: rows" : "name a chunk_column";
    return error_set(err, ERR_CONFIG, "chunk_checkpoint cannot keep this plan: %s", key->no_resume);
}

bool
chunk_key_find(const ExportConfig *export, Source *source, const ReadPlan *query, Arena *arena,
               ChunkKey *key, Error *err)
{
    *key = (ChunkKey){0};
    if (!find_columns(export, source, query, arena, key, err) ||
        (key->columns.count == 0 && !find_pages(export, source, query, key, err)))
        return false;
    key->no_resume = key->columns.count == 0 ? NO_RESUME_PAGES
                     : export->chunk_dense   ? NO_RESUME_DENSE
                                             : NULL;
    return columns_check_cut(key->columns, source, query->schema, err) &&
           check_use(export, key, err);
}
