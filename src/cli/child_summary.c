#include "cli/child_summary.h"

#include <errno.h>
#include <unistd.h>

#include "util/environment.h"

bool
child_summary_make(Arena *arena, const char **path, Error *err)
{
    char *name = arena_format(arena, "%s/rivet_summary_XXXXXX", environment_temporary_directory());
    int fd = mkstemp(name);

    *path = name;
    if (fd < 0)
        return error_set_errno(err, ERR_IO, errno, "cannot make a temporary file '%s'", name);
    close(fd);
    return true;
}

static json_t *
json_dead_child(const char *export_name, int exit_status)
{
    return json_pack("{ss sn ss s{ss ss sn si}}", "export", export_name, "run_id", "status",
                     "failed", "error", "kind", error_name(ERR_INTERNAL), "message",
                     "its process ended without a summary", "hint", "exit_status", exit_status);
}

void
child_summary_take(const char *path, const char *export_name, int exit_status, json_t *exports)
{
    json_t *document = json_load_file(path, 0, NULL);
    json_t *written = json_object_get(document, "exports");

    if (json_is_array(written) && json_array_size(written) > 0)
        json_array_extend(exports, written);
    else
        json_array_append_new(exports, json_dead_child(export_name, exit_status));
    json_decref(document);
    unlink(path);
}
