#include "../test.h"

#include <unistd.h>

#include "cli/command.h"
#include "cli/completion.h"

enum { ARGUMENTS_MAX = 6, STATUS_USAGE = 2 };

/* A command line with both streams in files; the status is the process's. */
static int
run(const char *const *words, char *out, size_t out_bytes, char *err, size_t err_bytes)
{
    char *argv[ARGUMENTS_MAX + 2] = {(char *)(uintptr_t) "rivet"};
    int argc = 1;
    FILE *files[] = {tmpfile(), tmpfile()};
    int saved[] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};

    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = strdup(words[argc - 1]);
    fflush(NULL);
    for (int i = 0; i < 2; i++)
        dup2(fileno(files[i]), STDOUT_FILENO + i);
    int status = command_main(argc, argv);
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        dup2(saved[i], STDOUT_FILENO + i);
        close(saved[i]);
        rewind(files[i]);
    }
    out[fread(out, 1, out_bytes - 1, files[0])] = '\0';
    err[fread(err, 1, err_bytes - 1, files[1])] = '\0';
    for (int i = 0; i < 2; i++)
        fclose(files[i]);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
    return status;
}

static const struct {
    const char *words[ARGUMENTS_MAX];
    int status;
    const char *out, *err; /* parts of them; NULL: the stream stays empty */
} CASES[] = {
    {{"--help"}, 0, "\n  check ", NULL},
    {{"help"}, 0, "\n  completions ", NULL},
    {{"help", "check"}, 0, "--types", NULL},
    {{"help", "completions"}, 0, "<SHELL>", NULL},
    {{"completions", "--help"}, 0, "bash|elvish|fish|powershell|zsh", NULL},
    {{"state"}, STATUS_USAGE, NULL, "reset"},
    {{"state", "--help"}, 0, "\n  show ", NULL},
    {{"schema", "--help"}, 0, "\n  config ", NULL},
    {{"schema", "config"}, 0, "\"$schema\"", NULL},
    {{NULL}, STATUS_USAGE, NULL, "Usage: rivet"},
    {{"nothing"}, STATUS_USAGE, NULL, "'nothing'"},
    {{"check"}, STATUS_USAGE, NULL, "config"},
    {{"check", "--confi", "x"}, STATUS_USAGE, NULL, "--confi"},
    {{"check", "-c", "x", "-c", "y"}, STATUS_USAGE, NULL, "more than once"},
    {{"check", "-c", "x", "--param", "novalue"}, STATUS_USAGE, NULL, "novalue"},
    {{"check", "-c", "x", "word"}, STATUS_USAGE, NULL, "'word'"},
    {{"check", "-c", "x", "--log-format", "xml"}, STATUS_USAGE, NULL, "'xml'"},
    {{"metrics", "-c", "x", "--last", "-1"}, STATUS_USAGE, NULL, "'-1'"},
    {{"completions"}, STATUS_USAGE, NULL, "SHELL"},
    {{"completions", "tcsh"}, STATUS_USAGE, NULL, "'tcsh'"},
    {{"completions", "zs"}, STATUS_USAGE, NULL, "'zs'"},
    {{"completions", "zsh", "bash"}, STATUS_USAGE, NULL, "'bash'"},
    {{"completions", "--SHELL", "zsh"}, STATUS_USAGE, NULL, "--SHELL"},
    {{"completions", "--=zsh"}, STATUS_USAGE, NULL, "--=zsh"},
    {{"completions", "zsh"}, 0, "#compdef rivet\n", NULL},
    {{"completions", "bash"}, 0, "complete -F _rivet rivet", NULL},
};

static bool
stream_is(const char *text, const char *want)
{
    return want == NULL ? text[0] == '\0' : strstr(text, want) != NULL;
}

static void
test_command_lines(void **state)
{
    static char out[256 * 1024];
    static char err[16 * 1024];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        int status = run(CASES[i].words, out, sizeof(out), err, sizeof(err));
        if (status != CASES[i].status || !stream_is(out, CASES[i].out) ||
            !stream_is(err, CASES[i].err))
            fail_msg("row %zu: status %d\nout: %.300s\nerr: %.300s", i, status, out, err);
    }
}

/* Rows are complete enough for what is generated from them. */
static void
test_command_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = &COMMANDS[i];
        bool has_help = false;
        assert_true(command->group == NULL || command_group_summary(command->group) != NULL);
        assert_non_null(command->run);
        assert_true(strlen(command->summary) > 0 &&
                    command->summary[strlen(command->summary) - 1] != '.');
        for (const CommandFlag *use = command->flags; use->flag != NULL; use++) {
            has_help |= strcmp(use->flag->name, "help") == 0;
            assert_true(use->flag->kind != FLAG_SWITCH || use->flag->value_name == NULL);
            for (const CommandFlag *other = command->flags; other != use; other++) {
                assert_string_not_equal(other->flag->name, use->flag->name);
                assert_true(use->flag->letter == 0 || other->flag->letter != use->flag->letter);
            }
        }
        if (!has_help)
            fail_msg("%s has no --help", command->name);
    }
}

/* The words of the operand and the scripts there are agree. */
static void
test_shells(void **state)
{
    static const char *const NAMES[] = {"bash", "elvish", "fish", "powershell", "zsh"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
        const CompletionShell *shell = completion_find_shell(NAMES[i]);
        assert_non_null(shell);
        FILE *file = tmpfile();
        shell->write(file);
        static char text[256 * 1024];
        rewind(file);
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
        for (size_t j = 0; j < COMMAND_COUNT; j++)
            if (strstr(text, COMMANDS[j].name) == NULL)
                fail_msg("%s lacks %s", NAMES[i], COMMANDS[j].name);
    }
    assert_null(completion_find_shell("tcsh"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_command_table),
        cmocka_unit_test(test_shells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
