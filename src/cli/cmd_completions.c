#include "cli/commands.h"
#include "cli/completion.h"

int
cmd_completions(const Arguments *arguments)
{
    /* The operand's own words have been checked against the command line. */
    const CompletionShell *shell = completion_find_shell(arguments->shell);

    assert(shell != NULL);
    shell->write(stdout);
    return 0;
}
