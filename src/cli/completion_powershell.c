#include "cli/completion_tree.h"

static void
begin(FILE *out, const char *path)
{
    fprintf(out, "        '%s' {\n", path);
}

static void
candidate(FILE *out, const char *text, size_t length, const char *help)
{
    fprintf(out,
            "            [CompletionResult]::new('%.*s', '%.*s', "
            "[CompletionResultType]::ParameterValue, ",
            (int)length, text, (int)length, text);
    completion_write_quoted(out, help, "''");
    fputs(")\n", out);
}

static void
end(FILE *out)
{
    fputs("            break\n        }\n", out);
}

void
completion_write_powershell(FILE *out)
{
    fputs("# PowerShell completion of rivet\n"
          "using namespace System.Management.Automation\n"
          "using namespace System.Management.Automation.Language\n\n"
          "Register-ArgumentCompleter -Native -CommandName 'rivet' -ScriptBlock {\n"
          "    param($wordToComplete, $commandAst, $cursorPosition)\n\n"
          "    $path = 'rivet'\n"
          "    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {\n"
          "        if ($element -isnot [StringConstantExpressionAst] -or\n"
          "            $element.Value.StartsWith('-') -or $element.Value -eq $wordToComplete) {\n"
          "            break\n"
          "        }\n"
          "        $path += \";$($element.Value)\"\n"
          "    }\n"
          "    $completions = @(switch ($path) {\n",
          out);
    completion_write_tree(&(CompletionWriter){out, begin, candidate, end});
    fputs("    })\n"
          "    $completions.Where{ $_.CompletionText -like \"$wordToComplete*\" } |\n"
          "        Sort-Object -Property ListItemText\n"
          "}\n",
          out);
}
