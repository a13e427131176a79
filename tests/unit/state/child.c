#include "child.h"

#include <grp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STRANGER = 65534 };

pid_t
child_start(ChildStep step, Fixture *fixture)
{
    fflush(NULL);
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(step(fixture) ? 0 : 1);
    return pid;
}

void
child_join(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("child ended with status 0x%x", (unsigned int)status);
}

void
child_join_killed(pid_t pid, int signal)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signal);
}

void
child_run(ChildStep step, Fixture *fixture)
{
    child_join(child_start(step, fixture));
}

bool
child_expect(const Fixture *fixture, const char *text)
{
    const Error *err = &fixture->err;

    if (err->code == ERR_STATE && strstr(err->message, text) != NULL &&
        strstr(err->message, fixture->path) != NULL && err->hint != NULL)
        return true;
    fprintf(stderr, "wanted \"%s\", got code %s, message \"%s\", hint \"%s\"\n", text,
            error_name(err->code), err->message, err->hint == NULL ? "" : err->hint);
    return false;
}

bool
child_drop_privileges(void)
{
    return geteuid() == 0 && setgroups(0, NULL) == 0 &&
           setresgid(STRANGER, STRANGER, STRANGER) == 0 &&
           setresuid(STRANGER, STRANGER, STRANGER) == 0;
}
