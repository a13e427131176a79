/* A program of the user's that prints keys.
 * Source  https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "destination/s3/credentials_source.h"
#include "util/clock.h"
#include "util/interrupt.h"

enum { TIME_LIMIT_MS = 60000, OUTPUT_LIMIT_BYTES = 1 << 20, READ_BYTES = 4096, NAP_MS = 100 };

/* Its standard error stays ours: it may ask the user for something. */
static int
start(const char *command, int output, pid_t *pid)
{
    /* posix_spawn takes these without const and changes none of them. */
    char shell[] = "sh";
    char option[] = "-c";
    char *text = strdup(command);
    char *const arguments[] = {shell, option, text, NULL};
    posix_spawn_file_actions_t actions;

    if (text == NULL)
        abort();
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    int errnum = posix_spawn(pid, "/bin/sh", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    free(text);
    return errnum;
}

/* False when it takes too long, says too much, or the user wants to stop. */
static bool
read_output(int fd, Buffer *output)
{
    int64_t until = clock_monotonic_ms() + TIME_LIMIT_MS;

    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (interrupt_signal() != 0 || clock_monotonic_ms() >= until ||
            output->size > OUTPUT_LIMIT_BYTES)
            return false;
        if (poll(&ready, 1, NAP_MS) <= 0)
            continue;
        ssize_t got = read(fd, buffer_reserve(output, READ_BYTES), READ_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        output->size += (size_t)got;
    }
}

static bool
run(const char *command, Buffer *output, int *status, Error *err)
{
    int ends[2];
    pid_t pid = 0;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(err, ERR_IO, errno, "cannot make a pipe");
    int errnum = start(command, ends[1], &pid);
    close(ends[1]);
    if (errnum != 0) {
        close(ends[0]);
        return error_set_errno(err, ERR_IO, errnum, "cannot start credential_process");
    }
    bool ok = read_output(ends[0], output);
    close(ends[0]);
    if (!ok)
        kill(pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    if (ok)
        return true;
    return interrupt_check(err) &&
           error_set(err, ERR_DENIED, "credential_process gave no credentials within 60 s");
}

bool
keys_of_process(const KeySearch *search, const char *command, Keys *out, Error *err)
{
    static const KeyNames NAMES = {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"};
    Buffer output = {0};
    int status = 0;
    bool ok = run(command, &output, &status, err);

    if (ok) {
        json_t *root = json_loads(buffer_text(&output), 0, NULL);
        bool is_known = json_integer_value(json_object_get(root, "Version")) == 1;
        ok = status == 0 && is_known && keys_from_json(root, &NAMES, search->arena, out);
        json_decref(root);
        if (!ok) {
            err->hint = "run the command by hand: it must end with status 0 and print "
                        "{\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}";
            error_set(err, ERR_DENIED, "credential_process gave no credentials (exit status %d)",
                      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
    if (output.size > 0)
        explicit_bzero(output.data, output.size);
    buffer_release(&output);
    return ok;
}
