#include "util/process.h"

#include <fcntl.h>
#include <unistd.h>

/* The number behind the first occurrence of label in a small file of /proc; 0 when there is none.
 */
static uint64_t
read_number(const char *path, const char *label)
{
    char text[4096];
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return 0;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    const char *at = strstr(text, label);
    return at == NULL ? 0 : strtoull(at + strlen(label), NULL, 10);
}

uint64_t
process_rss_bytes(void)
{
    /* "size resident shared …" in pages: the resident ones stand behind the first blank. */
    return read_number("/proc/self/statm", " ") * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t
process_peak_rss_bytes(void)
{
    return read_number("/proc/self/status", "VmHWM:") * 1024;
}

bool
process_reset_peak_rss(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    bool ok = write(fd, "5", 1) == 1;
    close(fd);
    return ok;
}
