#include "util/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int passes;

/* Whether spec is name, then one of the marks, then anything or (mark '\0') the end. */
static bool
is_armed(const char *spec, const char *name, const char *marks)
{
    size_t length = strlen(name);

    if (spec == NULL || strncmp(spec, name, length) != 0)
        return false;
    return spec[length] == '\0' ? marks[0] == ':' : strchr(marks, spec[length]) != NULL;
}

/* True at the pass that the number behind ':' names; without a number at the first. */
static bool
is_due(const char *spec)
{
    const char *colon = strrchr(spec, ':');
    long want = colon == NULL ? 1 : strtol(colon + 1, NULL, 10);

    return atomic_fetch_add(&passes, 1) + 1 == want;
}

static void
trace(const char *name)
{
    const char *path = getenv("RIVET_FAULT_TRACE");
    char line[128];

    if (path == NULL)
        return;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    int length = snprintf(line, sizeof(line), "%s\n", name);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        abort(); /* a test that would see less than there is */
    close(fd);
}

bool
fault_breaks(const char *name)
{
    const char *broken = getenv("RIVET_BREAK");

    return broken != NULL && strcmp(broken, name) == 0;
}

void
fault_point(const char *name)
{
    const char *spec = getenv("RIVET_FAULT");

    trace(name);
    if (is_armed(spec, name, ":") && is_due(spec))
        raise(SIGKILL);
}

int
fault_errno(const char *name)
{
    static const struct {
        const char *word;
        int number;
    } WORDS[] = {
        {"EIO", EIO},     {"ENOSPC", ENOSPC}, {"EACCES", EACCES},
        {"EROFS", EROFS}, {"EPERM", EPERM},   {"EPIPE", EPIPE},
    };
    const char *spec = getenv("RIVET_FAULT");

    if (!is_armed(spec, name, "=") || !is_due(spec))
        return 0;
    const char *word = spec + strlen(name) + 1;
    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++) {
        size_t length = strlen(WORDS[i].word);
        if (strncmp(word, WORDS[i].word, length) == 0 &&
            (word[length] == '\0' || word[length] == ':'))
            return WORDS[i].number;
    }
    return EIO;
}
