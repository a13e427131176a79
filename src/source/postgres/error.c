#include "source/postgres/postgres.h"
#include "source/retry_class.h"
#include "util/memory.h"

enum { SQLSTATE_LENGTH = 5 };

/* The bytes of a text: "invalid byte sequence for encoding …: 0xe4 0x61". */
static void
hide_bytes(char *text)
{
    for (char *at = strstr(text, "0x"); at != NULL; at = strstr(at, "0x")) {
        at += 2;
        size_t digits = strspn(at, "0123456789abcdefABCDEF");
        memset(at, '*', digits);
    }
}

static void
redact(const PgSource *pg, char *text)
{
    redact_secret(text, pg->base.options.address->url);
    redact_secret(text, pg->base.options.address->password);
    redact_secret(text, (Secret){pg->password});
    redact_urls(text);
}

bool
pg_error_result(PgSource *pg, const PGresult *result, Error *err)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (sqlstate == NULL)
        return pg_error_connection(pg, err);
    if (strcmp(sqlstate, "57014") == 0 && atomic_load(&pg->is_cancelled))
        return error_set(err, ERR_INTERRUPTED, "the read was cancelled");
    char *text = memory_dup_string(primary == NULL ? "no message" : primary);
    /* Class 22 complains about data and quotes it ("invalid input syntax for type integer: …"). */
    if (strncmp(sqlstate, "22", 2) == 0) {
        redact_quoted(text, '"');
        hide_bytes(text);
    }
    redact(pg, text);
    retry_class_error(err, retry_class_sqlstate(sqlstate), "%s (SQLSTATE %s)", text, sqlstate);
    free(text);
    return false;
}

/* libpq ends its messages with a newline and explains over several lines. */
static void
join_lines(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        text[--length] = '\0';
    for (char *at = text; *at != '\0'; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
}

/* A server that ends a session says why before it closes; that reason is worth more. */
bool
pg_error_connection(PgSource *pg, Error *err)
{
    bool can_block = PQstatus(pg->conn) == CONNECTION_OK && PQisBusy(pg->conn);
    PGresult *last = can_block ? NULL : PQgetResult(pg->conn);

    if (last != NULL && PQresultErrorField(last, PG_DIAG_SQLSTATE) != NULL) {
        pg_error_result(pg, last, err);
        err->needs_reconnect = true;
    }
    char *text = memory_dup_string(PQerrorMessage(pg->conn));
    join_lines(text);
    redact(pg, text);
    retry_class_error(err, retry_class_sqlstate(NULL), "the connection to the database broke: %s",
                      text[0] == '\0' ? "no reason given" : text);
    free(text);
    PQclear(last);
    return false;
}

static bool
is_sqlstate(const char *text)
{
    for (int i = 0; i < SQLSTATE_LENGTH; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'A' && text[i] <= 'Z')))
            return false;
    return text[SQLSTATE_LENGTH] == ':' && text[SQLSTATE_LENGTH + 1] == ' ';
}

/* While a connection is made there is no result to ask for its SQLSTATE; verbose messages carry
 * it: "FATAL:  28P01: password …". Takes it out of the text. */
static void
take_sqlstate(char *text, char sqlstate[SQLSTATE_LENGTH + 1])
{
    sqlstate[0] = '\0';
    for (char *at = strstr(text, ":  "); at != NULL; at = strstr(at + 3, ":  ")) {
        if (!is_sqlstate(at + 3))
            continue;
        memcpy(sqlstate, at + 3, SQLSTATE_LENGTH);
        sqlstate[SQLSTATE_LENGTH] = '\0';
        memmove(at + 2, at + 3 + SQLSTATE_LENGTH + 2, strlen(at + 3 + SQLSTATE_LENGTH + 2) + 1);
    }
}

static void
cut_location(char *text)
{
    char *location = strstr(text, "\nLOCATION:");

    if (location != NULL)
        *location = '\0';
}

/* libpq tells of every address it tried, of which "localhost" has two: the last one decides. */
static const char *
last_attempt(const char *text)
{
    static const char START[] = "connection to server ";
    const char *last = text;

    for (const char *at = strstr(text, START); at != NULL; at = strstr(at + 1, START))
        last = at;
    return last;
}

bool
pg_error_connect(PGconn *conn, Secret url, Secret password, Error *err)
{
    char sqlstate[SQLSTATE_LENGTH + 1];
    char *text = memory_dup_string(PQerrorMessage(conn));

    cut_location(text);
    take_sqlstate(text, sqlstate);
    join_lines(text);
    redact_secret(text, url);
    redact_secret(text, password);
    redact_urls(text);
    RetryClass class =
        sqlstate[0] != '\0' ? retry_class_sqlstate(sqlstate) : retry_class_text(last_attempt(text));
    /* What the text rules do not know here is a host that does not resolve, a file that is not
     * there, a TLS setting: a matter of the configuration. */
    if (sqlstate[0] == '\0' && class.code == ERR_QUERY)
        class.code = ERR_CONFIG;
    retry_class_error(err, class, "cannot connect to PostgreSQL: %s", text);
    free(text);
    return false;
}
