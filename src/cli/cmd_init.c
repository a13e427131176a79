#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <strings.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/prepare.h"
#include "cli/report.h"
#include "cli/table.h"
#include "preflight/init.h"

static bool
resolve_address(const char *url_env, SourceAddress *address, Error *err)
{
    const char *url = getenv(url_env);

    *address = (SourceAddress){0};
    if (url == NULL || url[0] == '\0') {
        err->hint =
            "export the URL of the database under this name, or name another with --url-env";
        return error_set(err, ERR_CONFIG, "env var '%s' not set", url_env);
    }
    if (strncasecmp(url, "mysql://", 8) == 0)
        address->kind = SOURCE_MYSQL;
    else if (strncasecmp(url, "postgresql://", 13) != 0 && strncasecmp(url, "postgres://", 11) != 0)
        return error_set(err, ERR_CONFIG,
                         "the URL in %s begins with neither postgresql:// nor mysql://", url_env);
    address->url = (Secret){url};
    return true;
}

/* ---- which tables ---- */

static bool
matches(const char *pattern, const TableFacts *table, bool when_absent)
{
    return pattern == NULL ? when_absent : fnmatch(pattern, table->name, 0) == 0;
}

static bool
is_wanted(const Arguments *arguments, const TableFacts *table)
{
    bool has_schema = arguments->schema == NULL || table->schema == NULL ||
                      strcmp(arguments->schema, table->schema) == 0;
    bool has_name = arguments->table == NULL || strcmp(arguments->table, table->name) == 0;

    return has_schema && has_name && matches(arguments->include, table, true) &&
           !matches(arguments->exclude, table, false);
}

static bool
select_tables(const Arguments *arguments, const TableFacts *all, size_t all_count, Arena *arena,
              InitRequest *request, Error *err)
{
    TableFacts *wanted = ARENA_ARRAY(arena, TableFacts, all_count + 1);

    request->tables = wanted;
    for (size_t i = 0; i < all_count; i++)
        if (is_wanted(arguments, &all[i]))
            wanted[request->count++] = all[i];
    if (request->place.kind == DESTINATION_STDOUT && request->count > 1 && !arguments->discover) {
        err->hint = "name one with --table";
        return error_set(err, ERR_USAGE, "standard output takes one table, and %zu are asked for",
                         request->count);
    }
    if (request->count > 0)
        return true;
    err->hint = "rivet init --discover lists the tables this user may read";
    return error_set(err, ERR_CONFIG, "no table to export: %zu in the database, none asked for",
                     all_count);
}

/* ---- output ---- */

static json_t *
optional_int(OptionalInt value)
{
    return value.is_set ? json_integer(value.value) : json_null();
}

static void
print_discovery(const InitRequest *request, Arena *arena)
{
    json_t *list = json_array();

    for (size_t i = 0; i < request->count; i++) {
        const TableFacts *table = &request->tables[i];
        InitChoice choice = init_choose(table, request->place.kind, arena);
        json_array_append_new(
            list,
            json_pack("{so so so so so ss so ss}", "schema", table_json_text(table->schema),
                      "table", table_json_text(table->name), "rows",
                      optional_int(table->row_estimate), "bytes", optional_int(table->size_bytes),
                      "query", table_json_text(table->query), "mode", export_mode_word(choice.mode),
                      "column", table_json_text(choice.column), "reason", choice.reason));
    }
    table_print_json(json_pack("{si so}", "version", 1, "tables", list));
}

/* What somebody wrote stays: an existing file is an error. */
static bool
write_new_file(const char *path, const Buffer *text, Error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0)
        return error_set_errno(err, ERR_IO, errno, "cannot make '%s'", path);
    report_write(fd, text);
    return close(fd) == 0 || error_set_errno(err, ERR_IO, errno, "cannot write '%s'", path);
}

static bool
write_request(const Arguments *arguments, const InitRequest *request, Arena *arena, Error *err)
{
    Buffer text = {0};
    bool ok = true;

    if (arguments->discover) {
        print_discovery(request, arena);
        return true;
    }
    init_write_yaml(request, &text);
    if (arguments->output == NULL)
        report_write(STDOUT_FILENO, &text);
    else
        ok = write_new_file(arguments->output, &text, err);
    buffer_release(&text);
    return ok;
}

int
cmd_init(const Arguments *arguments)
{
    static const Tuning TUNING = {.profile = PROFILE_SAFE,
                                  .batch_size = 1000,
                                  .statement_timeout_s = 60,
                                  .lock_timeout_s = 10,
                                  .fetch = FETCH_COPY,
                                  .connect_timeout_s = 30};
    Error err = ERROR_INIT;
    Arena arena = {0};
    SourceAddress address = {0};
    Source *source = NULL;
    const TableFacts *all = NULL;
    size_t all_count = 0;
    const SourceOptions options = {
        .address = &address, .tuning = &TUNING, .max_cell_bytes = (size_t)1024 * 1024};
    InitRequest request = {
        .url_env = arguments->url_env == NULL ? "DATABASE_URL" : arguments->url_env,
    };

    prepare_log(arguments);
    bool ok = init_read_place(arguments->destination == NULL ? "./out" : arguments->destination,
                              &arena, &request.place, &err) &&
              resolve_address(request.url_env, &address, &err) &&
              source_connect(&options, &source, &err) &&
              source_list_tables(source, &arena, &all, &all_count, &err);
    request.kind = address.kind;
    source_close(source);
    ok = ok && select_tables(arguments, all, all_count, &arena, &request, &err) &&
         write_request(arguments, &request, &arena, &err);
    int status = ok ? 0 : report_error(&err);
    arena_release(&arena);
    return status;
}
