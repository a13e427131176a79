#include "source/mysql/mysql_source.h"

#include <errmsg.h>

#include "source/retry_class.h"
#include "util/memory.h"

/* Errors about data quote it ("Incorrect datetime value: '…'"); the part in quotes goes, because
 * it can be a row's value. */
static bool
quotes_data(unsigned number, const char *sqlstate)
{
    static const unsigned NUMBERS[] = {1292, 1366, 1411, 1525, 3140, 3141};

    for (size_t i = 0; i < ARRAY_LENGTH(NUMBERS); i++)
        if (NUMBERS[i] == number)
            return true;
    return strncmp(sqlstate, "22", 2) == 0;
}

static void
redact(const MyAddress *address, char *text)
{
    redact_secret(text, address->url);
    redact_secret(text, (Secret){address->password});
    redact_urls(text);
}

/* Numbers from 2000 to 2999 are the client library's own. */
static bool
is_connection_lost(unsigned number)
{
    return number >= CR_MIN_ERROR && number <= CR_MAX_ERROR;
}

static bool
report(MySource *my, unsigned number, const char *sqlstate, const char *message, Error *err)
{
    if (!my_check_cancelled(my, err))
        return false;
    char *text = memory_dup_string(message);
    if (quotes_data(number, sqlstate)) {
        redact_quoted(text, '\'');
        redact_quoted(text, '"');
    }
    redact(&my->address, text);
    RetryClass class = retry_class_mysql(number, text);
    retry_class_error(err, class, "%s%s (MySQL error %u)",
                      is_connection_lost(number) ? "the connection to the database broke: " : "",
                      text[0] == '\0' ? "no reason given" : text, number);
    free(text);
    return false;
}

bool
my_error_connection(MySource *my, Error *err)
{
    return report(my, mysql_errno(my->conn), mysql_sqlstate(my->conn), mysql_error(my->conn), err);
}

/* What fetching rows meets, the library often leaves on the connection only. */
bool
my_error_statement(MySource *my, MYSQL_STMT *stmt, Error *err)
{
    if (mysql_stmt_errno(stmt) == 0 && mysql_errno(my->conn) != 0)
        return my_error_connection(my, err);
    if (mysql_stmt_errno(stmt) == 0)
        return report(my, CR_SERVER_LOST, "HY000", "the rows ended without their end marker", err);
    return report(my, mysql_stmt_errno(stmt), mysql_stmt_sqlstate(stmt), mysql_stmt_error(stmt),
                  err);
}

bool
my_error_connect(MYSQL *conn, const MyAddress *address, Error *err)
{
    unsigned number = mysql_errno(conn);

    if (!my_tls_check_failure(err))
        return false;
    char *text = memory_dup_string(mysql_error(conn));
    redact(address, text);
    RetryClass class = retry_class_mysql(number, text);
    /* What neither numbers nor text rules know here is a host that does not resolve, a
     * certificate, a login method: a matter of the configuration. */
    if (class.code == ERR_QUERY)
        class.code = ERR_CONFIG;
    retry_class_error(err, class, "cannot connect to MySQL: %s (MySQL error %u)", text, number);
    free(text);
    return false;
}
