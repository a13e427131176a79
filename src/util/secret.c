#include "util/secret.h"

/* text[from, to) becomes "***"; the text only ever gets shorter or is overwritten in place. */
static void
replace_with_stars(char *text, size_t from, size_t to)
{
    size_t stars = size_min(3, to - from);

    memset(text + from, '*', stars);
    memmove(text + from + stars, text + to, strlen(text + to) + 1);
}

void
redact_secret(char *text, Secret secret)
{
    const char *hidden = secret_reveal(secret);
    size_t length = hidden == NULL ? 0 : strlen(hidden);

    if (length < 3)
        return;
    for (char *at = strstr(text, hidden); at != NULL; at = strstr(at + 3, hidden))
        replace_with_stars(text, (size_t)(at - text), (size_t)(at - text) + length);
}

void
redact_quoted(char *text, char quote)
{
    char *open = strchr(text, quote);
    char *close = open == NULL ? NULL : strrchr(open + 1, quote);

    if (close != NULL)
        replace_with_stars(text, (size_t)(open + 1 - text), (size_t)(close - text));
}

void
redact_urls(char *text)
{
    char *at = text;

    while ((at = strstr(at, "://")) != NULL) {
        char *user = at + 3;
        size_t span = strcspn(user, " \t\r\n'\"`<>");
        char *last_at = NULL;
        for (size_t i = 0; i < span; i++)
            if (user[i] == '@')
                last_at = user + i;
        char *colon = last_at == NULL ? NULL : memchr(user, ':', (size_t)(last_at - user));
        if (colon != NULL && colon + 1 < last_at)
            replace_with_stars(text, (size_t)(colon + 1 - text), (size_t)(last_at - text));
        at = user;
    }
}
