#include <errno.h>
#include <fcntl.h>

#include "cli/commands.h"
#include "cli/report.h"
#include "format/parquet/inspect.h"

static bool
inspect_file(const char *path, bool as_json, Error *err)
{
    Readable file = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_set_errno(err, ERR_IO, errno, "cannot open '%s'", path);
    bool ok =
        readable_open_fd(fd, &file, err) && parquet_inspect(&file, path, as_json, stdout, err);
    readable_close(&file);
    if (!ok)
        error_add_context(err, "%s", path);
    return ok;
}

/* A file that cannot be read does not keep the others from being shown. */
int
cmd_inspect(const Arguments *arguments)
{
    int status = 0;

    for (size_t i = 0; i < arguments->file_count; i++) {
        Error err = ERROR_INIT;
        if (!inspect_file(arguments->files[i], arguments->json, &err))
            status = report_error(&err);
    }
    return status;
}
