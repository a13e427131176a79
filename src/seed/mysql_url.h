/* mysql_url.h: mysql://user:password@host:port/database, taken apart. */
#ifndef SEED_MYSQL_URL_H
#define SEED_MYSQL_URL_H

#include "failure.h"

typedef struct MysqlUrl {
    char *text; /* owned; the others point into it, percent-decoded */
    const char *user, *password, *host, *database;
    unsigned port;
} MysqlUrl;

/* User, password and port may be missing: "", "" and 3306. mariadb:// is the same. Failures name
 * the part that is wrong and never quote it. */
bool mysql_url_parse(const char *text, MysqlUrl *out, Failure *failure);
void mysql_url_release(MysqlUrl *url);

#endif
