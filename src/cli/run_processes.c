#include "cli/run_exports.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/child_output.h"
#include "cli/child_summary.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "util/arena.h"
#include "util/interrupt.h"
#include "util/log.h"

#define MODULE "rivet::run"

enum { POLL_MS = 20, FIXED_ARGUMENTS = 24 };

typedef struct Child {
    pid_t pid;
    const char *export_name;
    ExportProgress *progress; /* NULL: nobody watches, or the child does it itself */
    ChildOutput output;
    const char *summary_path; /* NULL: nobody asked for a summary */
    json_t *summary;          /* its exports, once it has ended; owned */
    int status;               /* exit status; 128 + signal */
    bool is_running;
} Child;

/* Absolute without resolving links: the state stands beside the name the user gave. */
static const char *
absolute_path(const char *path, Arena *arena)
{
    char folder[4096];

    if (path[0] == '/' || getcwd(folder, sizeof(folder)) == NULL)
        return path;
    return arena_format(arena, "%s/%s", folder, path);
}

static char **
child_arguments(const Arguments *arguments, const Child *child, Arena *arena)
{
    size_t count = 0;
    char **argv = ARENA_ARRAY(arena, char *, FIXED_ARGUMENTS + 2 * arguments->param_count + 1);
    const struct {
        bool is_given;
        const char *name;
        const char *value;
    } flags[] = {
        {true, "--config", absolute_path(arguments->config, arena)},
        {true, "--export", child->export_name},
        {child->summary_path != NULL, "--summary-output", child->summary_path},
        {arguments->state != NULL, "--state",
         arguments->state == NULL ? NULL : absolute_path(arguments->state, arena)},
        {arguments->log_format != NULL, "--log-format", arguments->log_format},
        {arguments->validate, "--validate", NULL},
        {arguments->reconcile, "--reconcile", NULL},
        {arguments->resume, "--resume", NULL},
        {arguments->strict, "--strict", NULL},
        {arguments->quiet, "--quiet", NULL},
        {arguments->no_color, "--no-color", NULL},
        {true, "--no-notify", NULL}, /* the parent does, who also knows of a child that died */
    };

    argv[count++] = arena_dup_string(arena, "rivet");
    argv[count++] = arena_dup_string(arena, "run");
    for (size_t i = 0; i < ARRAY_LENGTH(flags); i++) {
        if (!flags[i].is_given)
            continue;
        argv[count++] = arena_dup_string(arena, flags[i].name);
        if (flags[i].value != NULL)
            argv[count++] = arena_dup_string(arena, flags[i].value);
    }
    for (size_t i = 0; i < arguments->param_count; i++) {
        const Param *param = &arguments->params[i];
        argv[count++] = arena_dup_string(arena, "--param");
        argv[count++] = arena_format(arena, "%s=%s", param->key, param->value);
    }
    return argv;
}

/* Ours, and before it what tells the child that its parent shows its progress. */
static char **
child_environment(const RunOutput *output, size_t index, Arena *arena)
{
    const char *variable = progress_child_variable(output->progress, index, arena);
    size_t count = 0;
    size_t at = 0;

    while (environ[count] != NULL)
        count++;
    char **variables = ARENA_ARRAY(arena, char *, count + 3);
    if (variable != NULL)
        variables[at++] = arena_dup_string(arena, variable);
    if (variable != NULL && log_has_colour())
        variables[at++] = arena_dup_string(arena, "RUST_LOG_STYLE=always");
    memcpy(&variables[at], environ, count * sizeof(*variables));
    return variables;
}

/* In the child, until exec: it must not outlive its parent. */
static void
become(char **argv, char **variables, int stderr_fd, pid_t parent)
{
    int null_fd = open("/dev/null", O_RDONLY);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1); /* the parent died before the line above */
    if (null_fd >= 0)
        dup2(null_fd, STDIN_FILENO);
    if (stderr_fd >= 0)
        dup2(stderr_fd, STDERR_FILENO);
    execve("/proc/self/exe", argv, variables);
    _exit(127);
}

static bool
fork_child(const RunOutput *output, size_t index, Child *child, Error *err)
{
    Arena arena = {0};
    pid_t parent = getpid();

    if (progress_has_picture(output->progress) && !child_output_open(&child->output, err))
        return false;
    char **argv = child_arguments(output->arguments, child, &arena);
    char **variables = child_environment(output, index, &arena);
    child->pid = fork();
    if (child->pid == 0)
        become(argv, variables, child->output.child_fd, parent);
    arena_release(&arena);
    child_output_started(&child->output);
    if (child->pid < 0) {
        error_set_errno(err, ERR_INTERNAL, errno, "cannot start a process for export '%s'",
                        child->export_name);
        child_output_close(&child->output);
        return false;
    }
    child->is_running = true;
    return true;
}

static bool
start_child(const RunOutput *output, const ExportConfig *export, size_t index, Arena *paths,
            Child *child, Error *err)
{
    *child = (Child){.export_name = export->name,
                     .progress = progress_of(output->progress, index),
                     .output = CHILD_OUTPUT_NONE};
    if (run_output_is_wanted(output) && !child_summary_make(paths, &child->summary_path, err))
        return false;
    bool ok = fork_child(output, index, child, err);
    if (!ok && child->summary_path != NULL)
        unlink(child->summary_path);
    return ok;
}

static void
signal_children(const Child *children, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        if (children[i].is_running)
            kill(children[i].pid, number);
}

/* What a child that has ended leaves to tell. */
static void
take_summary(const RunOutput *output, Child *child)
{
    if (child->summary_path == NULL)
        return;
    child->summary = json_array();
    child_summary_take(child->summary_path, child->export_name, child->status, child->summary);
    for (size_t i = 0; i < json_array_size(child->summary); i++)
        notify_export(output->notifier, json_array_get(child->summary, i));
}

/* Reaps what has ended; returns how many still run. */
static size_t
reap(const RunOutput *output, Child *children, size_t count)
{
    size_t running = 0;

    for (size_t i = 0; i < count; i++) {
        int status = 0;
        if (!children[i].is_running)
            continue;
        if (waitpid(children[i].pid, &status, WNOHANG) == 0) {
            running++;
            continue;
        }
        children[i].is_running = false;
        children[i].status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        progress_set_phase(children[i].progress,
                           children[i].status == 0 ? PROGRESS_DONE : PROGRESS_FAILED);
        child_output_close(&children[i].output);
        take_summary(output, &children[i]);
    }
    return running;
}

/* A while, or until a child writes. fds: room for as many. */
static void
listen_to(Child *children, struct pollfd *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = children[i].output.fd, .events = POLLIN};
    poll(fds, (nfds_t)count, POLL_MS);
    for (size_t i = 0; i < count; i++)
        child_output_pass_on(&children[i].output);
}

static void
wait_for_children(const RunOutput *output, Child *children, size_t count)
{
    Arena arena = {0};
    struct pollfd *fds = ARENA_ARRAY(&arena, struct pollfd, count + 1);
    bool is_told = false;

    while (reap(output, children, count) > 0) {
        if (interrupt_signal() != 0 && !is_told) {
            signal_children(children, count, interrupt_signal());
            is_told = true;
        }
        listen_to(children, fds, count);
    }
    arena_release(&arena);
}

static int
collect(const Child *children, size_t count)
{
    int common = 0;

    for (size_t i = 0; i < count; i++) {
        int status = children[i].status;
        if (status == 0)
            continue;
        fprintf(stderr, "Error: export '%s' exited with %s %d\n", children[i].export_name,
                status > 128 ? "signal" : "status", status > 128 ? status - 128 : status);
        common = common == 0 || common == status ? status : 1;
    }
    return interrupt_signal() != 0 ? interrupt_exit_status() : common > 128 ? 1 : common;
}

static int
end_with_summaries(const RunOutput *output, const Child *children, size_t count, int status)
{
    if (!run_output_is_wanted(output))
        return status;
    json_t *exports = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_extend(exports, children[i].summary);
        json_decref(children[i].summary);
    }
    return run_output_end_json(output, exports, status);
}

int
run_exports_in_processes(const RunOutput *output, const ExportConfig *exports, size_t count)
{
    const Arguments *arguments = output->arguments;
    Arena arena = {0};
    Error err = ERROR_INIT;
    Child *children = ARENA_ARRAY(&arena, Child, count);
    struct stat about;
    size_t started = 0;

    if (stat(arguments->config, &about) == 0 && !S_ISREG(about.st_mode)) {
        error_set(&err, ERR_CONFIG,
                  "--parallel-export-processes needs a configuration file that "
                  "every process can read");
        progress_stop(output->progress);
        return report_error(&err);
    }
    log_info(MODULE, "running %zu exports as separate processes", count);
    while (started < count &&
           start_child(output, &exports[started], started, &arena, &children[started], &err))
        started++;
    wait_for_children(output, children, started);
    progress_stop(output->progress);
    int status = collect(children, started);
    if (err.code != ERR_NONE)
        status = report_error(&err);
    status = end_with_summaries(output, children, started, status);
    arena_release(&arena);
    return status;
}
