#include "fixture.h"

#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

int
fixture_set_up(void **context)
{
    const char *base = getenv("TMPDIR");
    Fixture *fixture = calloc(1, sizeof(*fixture));

    snprintf(fixture->folder, sizeof(fixture->folder), "%.60s/rivet-state-XXXXXX",
             base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(fixture->folder));
    assert_int_equal(chmod(fixture->folder, 0777), 0);
    snprintf(fixture->path, sizeof(fixture->path), "%s/.rivet_state.db", fixture->folder);
    *context = fixture;
    return 0;
}

static int
remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int
fixture_tear_down(void **context)
{
    Fixture *fixture = *context;

    state_close(fixture->state);
    arena_release(&fixture->arena);
    nftw(fixture->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return 0;
}

State *
fixture_open(Fixture *fixture)
{
    state_close(fixture->state);
    fixture->state = NULL;
    assert_ok(state_open(fixture->path, true, &fixture->state, &fixture->err), &fixture->err);
    return fixture->state;
}

void
fixture_execute(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
}

int64_t
fixture_number(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t number = -1;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

RunRow
fixture_run(const char *run_id, const char *export_name)
{
    return (RunRow){
        .run_id = run_id,
        .export_name = export_name,
        .mode = "full",
        .owner = "host:1:1",
        .name_stamp = "20260102_030405_a1b2c3",
        .source_id = "postgres host 5432 rivet",
        .destination_id = "file:///data/out",
        .destination_inode = 42,
        .format = "parquet",
        .compression = "zstd",
    };
}

PartRow
fixture_part(const char *run_id, int64_t unit, int64_t part_index, const char *key)
{
    return (PartRow){
        .run_id = run_id,
        .unit = unit,
        .part_index = part_index,
        .key = key,
        .nonce = "00112233445566778899aabbccddeeff",
        .upload_ref = "",
        .rows = 10,
        .bytes = 1000,
        .xxh3 = 0xFEDCBA9876543210,
        .store_check = "check",
    };
}

void
fixture_seal_part(Fixture *fixture, const char *run_id, int64_t unit, int64_t part_index,
                  const char *key)
{
    PartRow part = fixture_part(run_id, unit, part_index, key);

    assert_ok(state_part_open(fixture->state, &part, &fixture->err), &fixture->err);
    part.upload_ref = "session";
    assert_ok(state_part_set_reference(fixture->state, &part, &fixture->err), &fixture->err);
    assert_ok(state_part_seal(fixture->state, &part, &fixture->err), &fixture->err);
}
