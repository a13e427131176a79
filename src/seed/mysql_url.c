#include "mysql_url.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_PORT = 3306, MAX_PORT = 65535 };

static int
hex_digit(char character)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = character != '\0' ? strchr(digits, character) : NULL;

    return found != NULL ? (int)((found - digits) % 16) : -1;
}

/* %XX in place; a zero byte would end the text early. */
static bool
decode(char *text)
{
    char *out = text;

    for (; *text != '\0'; text++) {
        if (*text != '%') {
            *out++ = *text;
            continue;
        }
        int high = hex_digit(text[1]);
        int low = high >= 0 ? hex_digit(text[2]) : -1;
        if (low < 0 || high + low == 0)
            return false;
        *out++ = (char)(high * 16 + low);
        text += 2;
    }
    *out = '\0';
    return true;
}

/* Ends text before the separator and returns what follows, or NULL when there is none. */
static char *
cut(char *text, char separator)
{
    char *found = strchr(text, separator);

    if (found == NULL)
        return NULL;
    *found = '\0';
    return found + 1;
}

static bool
parse_port(const char *text, unsigned *out)
{
    char *end = NULL;
    unsigned long port = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || port == 0 || port > MAX_PORT)
        return false;
    *out = (unsigned)port;
    return true;
}

/* An IPv6 address stands in brackets, because of its colons. */
static bool
parse_host(char *text, MysqlUrl *out, Failure *failure)
{
    char *port;

    if (text[0] == '[') {
        char *rest = cut(text, ']');
        if (rest == NULL || (rest[0] != '\0' && rest[0] != ':'))
            return failure_set(failure, "mysql: the URL's host has no closing bracket");
        text++;
        port = rest[0] == ':' ? rest + 1 : NULL;
    } else {
        port = cut(text, ':');
    }
    if (port != NULL && !parse_port(port, &out->port))
        return failure_set(failure, "mysql: the URL's port must be 1 to 65535");
    if (text[0] == '\0' || !decode(text))
        return failure_set(failure, "mysql: the URL needs a host");
    out->host = text;
    return true;
}

static bool
parse_login(char *text, MysqlUrl *out, Failure *failure)
{
    char *password = cut(text, ':');

    if (!decode(text) || (password != NULL && !decode(password)))
        return failure_set(failure, "mysql: the URL's user or password has a wrong %% sequence");
    out->user = text;
    if (password != NULL)
        out->password = password;
    return true;
}

static bool
parse_parts(char *text, MysqlUrl *out, Failure *failure)
{
    char *database = cut(text, '/');
    char *host = strrchr(text, '@'); /* a careless password may hold one */

    if (database == NULL || database[0] == '\0' || !decode(database))
        return failure_set(failure, "mysql: the URL must end with /database");
    out->database = database;
    if (host == NULL)
        return parse_host(text, out, failure);
    *host = '\0';
    return parse_login(text, out, failure) && parse_host(host + 1, out, failure);
}

bool
mysql_url_parse(const char *text, MysqlUrl *out, Failure *failure)
{
    const char *scheme_end = strstr(text, "://");

    *out = (MysqlUrl){.user = "", .password = "", .port = DEFAULT_PORT};
    if (strncmp(text, "mysql://", 8) != 0 && strncmp(text, "mariadb://", 10) != 0)
        return failure_set(failure, "mysql: the URL must begin with mysql://");
    if (strpbrk(text, "?#") != NULL)
        return failure_set(failure, "mysql: the URL cannot have options; write ? and # as %%3F "
                                    "and %%23");
    out->text = strdup(scheme_end + 3);
    if (out->text == NULL)
        return failure_set(failure, "out of memory");
    return parse_parts(out->text, out, failure);
}

void
mysql_url_release(MysqlUrl *url)
{
    free(url->text);
    *url = (MysqlUrl){0};
}
