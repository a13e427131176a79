#include "cli/completion.h"

static const CompletionShell SHELLS[] = {
    {"bash", completion_write_bash}, {"elvish", completion_write_elvish},
    {"fish", completion_write_fish}, {"powershell", completion_write_powershell},
    {"zsh", completion_write_zsh},
};

const CompletionShell *
completion_find_shell(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(SHELLS); i++)
        if (strcmp(SHELLS[i].name, name) == 0)
            return &SHELLS[i];
    return NULL;
}

ValueKind
completion_value_kind(const Flag *flag)
{
    if (flag->value_name == NULL)
        return VALUE_NONE;
    if (strcmp(flag->value_name, "PATH") == 0)
        return VALUE_PATH;
    return strchr(flag->value_name, '|') != NULL ? VALUE_WORDS : VALUE_FREE;
}

void
completion_write_words(FILE *out, const Flag *flag)
{
    for (const char *at = flag->value_name; *at != '\0'; at++)
        fputc(*at == '|' ? ' ' : *at, out);
}

void
completion_write_quoted(FILE *out, const char *text, const char *escaped_quote)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs(escaped_quote, out);
        else
            fputc(*text, out);
    }
    fputc('\'', out);
}
