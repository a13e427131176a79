/* secret.h: text that must never be printed.
 *
 * A Secret is a struct, so it cannot slip into a %s. secret_reveal is the one way to the text; grep
 * for it to see every place that uses one. redact_* make text safe that may carry a password. */
#ifndef RIVET_UTIL_SECRET_H
#define RIVET_UTIL_SECRET_H

#include "util/base.h"

typedef struct Secret {
    const char *hidden; /* use secret_reveal */
} Secret;

static inline bool
secret_is_set(Secret secret)
{
    return secret.hidden != NULL;
}

static inline const char *
secret_reveal(Secret secret)
{
    return secret.hidden;
}

static inline const char *
secret_display(Secret secret)
{
    return secret.hidden == NULL ? "" : "***";
}

/* Replaces in place every occurrence of the secret in text (secrets under 3 bytes are left: they
 * would tear ordinary words). Server and library messages go through it before they are kept. */
void redact_secret(char *text, Secret secret);

/* Everything from the first of these quotes to the last, in place: server messages quote the values
 * they complain about. */
void redact_quoted(char *text, char quote);

/* Replaces the password of every "scheme://user:password@" in text, in place, also where it holds
 * '@', ':', '/' or '#': everything between the first ':' after the user and the last '@' before
 * white space or a quote. A password of one or two bytes becomes as many stars. */
void redact_urls(char *text);

#endif
