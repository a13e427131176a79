#include "cli/completion_tree.h"

static void
begin(FILE *out, const char *path)
{
    fprintf(out, "        &'%s'= {\n", path);
}

static void
candidate(FILE *out, const char *text, size_t length, const char *help)
{
    fprintf(out, "            cand %.*s ", (int)length, text);
    completion_write_quoted(out, help, "''");
    fputc('\n', out);
}

static void
end(FILE *out)
{
    fputs("        }\n", out);
}

void
completion_write_elvish(FILE *out)
{
    fputs("# elvish completion of rivet\n"
          "use str\n\n"
          "set edit:completion:arg-completer[rivet] = {|@words|\n"
          "    fn cand {|text help|\n"
          "        edit:complex-candidate $text &display=$text'  '$help\n"
          "    }\n"
          "    var path = 'rivet'\n"
          "    for word $words[1..-1] {\n"
          "        if (str:has-prefix $word '-') {\n"
          "            break\n"
          "        }\n"
          "        set path = $path';'$word\n"
          "    }\n"
          "    var completions = [\n",
          out);
    completion_write_tree(&(CompletionWriter){out, begin, candidate, end});
    fputs("    ]\n"
          "    if (has-key $completions $path) {\n"
          "        $completions[$path]\n"
          "    }\n"
          "}\n",
          out);
}
