#include "source/retry_class.h"

#include "util/buffer.h"

/* First match by prefix wins. */
static const struct {
    const char *prefix;
    RetryClass class;
} SQLSTATE_CLASSES[] = {
    {"08", {ERR_UNAVAILABLE, true, 0}},
    {"57P01", {ERR_UNAVAILABLE, true, 15000}},
    {"57P02", {ERR_UNAVAILABLE, true, 15000}},
    {"57P03", {ERR_UNAVAILABLE, true, 15000}},
    {"53300", {ERR_UNAVAILABLE, true, 15000}},
    {"53", {ERR_UNAVAILABLE, false, 5000}},
    {"40001", {ERR_CONFLICT, false, 1000}},
    {"40P01", {ERR_CONFLICT, false, 1000}},
    {"55P03", {ERR_CONFLICT, false, 0}},
    {"57014", {ERR_TIMEOUT, false, 0}},
    {"28", {ERR_DENIED, false, 0}},
    {"42501", {ERR_DENIED, false, 0}},
    {"3D000", {ERR_CONFIG, false, 0}},
};

RetryClass
retry_class_sqlstate(const char *sqlstate)
{
    if (sqlstate == NULL || sqlstate[0] == '\0')
        return (RetryClass){ERR_UNAVAILABLE, true, 0};
    for (size_t i = 0; i < ARRAY_LENGTH(SQLSTATE_CLASSES); i++) {
        const char *prefix = SQLSTATE_CLASSES[i].prefix;
        if (strncmp(sqlstate, prefix, strlen(prefix)) == 0)
            return SQLSTATE_CLASSES[i].class;
    }
    return (RetryClass){ERR_QUERY, false, 0};
}

static const struct {
    unsigned number;
    RetryClass class;
} MYSQL_CLASSES[] = {
    {1213, {ERR_CONFLICT, false, 1000}},
    {1205, {ERR_CONFLICT, false, 0}},
    {1040, {ERR_UNAVAILABLE, true, 15000}},
    {1053, {ERR_UNAVAILABLE, true, 15000}},
    {1203, {ERR_UNAVAILABLE, true, 15000}}, /* max_user_connections */
    /* The server's own words for a connection that it has lost or ended. */
    {1158, {ERR_UNAVAILABLE, true, 0}},
    {1159, {ERR_UNAVAILABLE, true, 0}},
    {1160, {ERR_UNAVAILABLE, true, 0}},
    {1161, {ERR_UNAVAILABLE, true, 0}},
    {1927, {ERR_UNAVAILABLE, true, 0}}, /* KILL, in MariaDB */
    {4031, {ERR_UNAVAILABLE, true, 0}}, /* idle for too long, in MySQL */
    {1044, {ERR_DENIED, false, 0}},
    {1045, {ERR_DENIED, false, 0}},
    {1142, {ERR_DENIED, false, 0}},
    {1143, {ERR_DENIED, false, 0}},
    {1049, {ERR_CONFIG, false, 0}},
    {1064, {ERR_QUERY, false, 0}},
    {1146, {ERR_QUERY, false, 0}},
    {3024, {ERR_TIMEOUT, false, 0}}, /* max_execution_time */
    {1969, {ERR_TIMEOUT, false, 0}}, /* max_statement_time */
    /* The client library's own numbers for a connection that cannot be had or has ended. */
    {2002, {ERR_UNAVAILABLE, true, 0}},
    {2003, {ERR_UNAVAILABLE, true, 0}},
    {2006, {ERR_UNAVAILABLE, true, 0}},
    {2013, {ERR_UNAVAILABLE, true, 0}},
    {2055, {ERR_UNAVAILABLE, true, 0}},
};

RetryClass
retry_class_mysql(unsigned number, const char *message)
{
    for (size_t i = 0; i < ARRAY_LENGTH(MYSQL_CLASSES); i++) {
        if (MYSQL_CLASSES[i].number == number)
            return MYSQL_CLASSES[i].class;
    }
    return retry_class_text(message);
}

/* Lower case; first match wins. */
static const struct {
    const char *needle;
    RetryClass class;
} TEXT_CLASSES[] = {
    {"loading credential", {ERR_DENIED, false, 0}},
    {"loadcredential", {ERR_DENIED, false, 0}},
    {"metadata.google.internal", {ERR_DENIED, false, 0}},
    {"permission denied", {ERR_DENIED, false, 0}},
    {"access denied", {ERR_DENIED, false, 0}},
    {"invalid_grant", {ERR_DENIED, false, 0}},
    {"token has been expired or revoked", {ERR_DENIED, false, 0}},
    {"connection reset", {ERR_UNAVAILABLE, true, 0}},
    {"broken pipe", {ERR_UNAVAILABLE, true, 0}},
    {"connection refused", {ERR_UNAVAILABLE, true, 0}},
    {"no route to host", {ERR_UNAVAILABLE, true, 0}},
    {"network is unreachable", {ERR_UNAVAILABLE, true, 0}},
    {"name resolution", {ERR_UNAVAILABLE, true, 0}},
    {"dns", {ERR_UNAVAILABLE, true, 0}},
    {"ssl handshake", {ERR_UNAVAILABLE, true, 0}},
    {"i/o timeout", {ERR_UNAVAILABLE, true, 0}},
    {"unexpected eof", {ERR_UNAVAILABLE, true, 0}},
    {"closed the connection unexpectedly", {ERR_UNAVAILABLE, true, 0}},
    {"got an error reading communication packets", {ERR_UNAVAILABLE, true, 0}},
    {"gone away", {ERR_UNAVAILABLE, true, 0}},
    {"lost connection", {ERR_UNAVAILABLE, true, 0}},
    {"the server closed the connection", {ERR_UNAVAILABLE, true, 0}},
    {"can't connect to mysql server", {ERR_UNAVAILABLE, true, 0}},
    {"timed out", {ERR_UNAVAILABLE, false, 0}},
    {"timeout", {ERR_UNAVAILABLE, false, 0}},
    {"canceling statement", {ERR_CONFLICT, false, 0}},
    {"lock wait timeout", {ERR_CONFLICT, false, 0}},
    {"execution time exceeded", {ERR_CONFLICT, false, 0}},
    {"too many connections", {ERR_UNAVAILABLE, true, 15000}},
    {"the database system is starting up", {ERR_UNAVAILABLE, true, 15000}},
    {"the database system is shutting down", {ERR_UNAVAILABLE, true, 15000}},
    {"deadlock", {ERR_CONFLICT, false, 1000}},
    {"could not serialize access", {ERR_CONFLICT, false, 1000}},
};

static void
append_lower_case(Buffer *out, const char *text)
{
    for (; *text != '\0'; text++)
        buffer_append_byte(out, (uint8_t)(*text >= 'A' && *text <= 'Z' ? *text + 32 : *text));
}

RetryClass
retry_class_text(const char *message)
{
    RetryClass class = {ERR_QUERY, false, 0};
    Buffer lower = {0};

    append_lower_case(&lower, message);
    for (size_t i = 0; i < ARRAY_LENGTH(TEXT_CLASSES); i++) {
        if (strstr(buffer_text(&lower), TEXT_CLASSES[i].needle) != NULL) {
            class = TEXT_CLASSES[i].class;
            break;
        }
    }
    buffer_release(&lower);
    return class;
}

bool
retry_class_error(Error *err, RetryClass class, const char *format, ...)
{
    char message[sizeof(err->message)];
    va_list arguments;

    if (err->code != ERR_NONE)
        return false;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    error_set(err, class.code, "%s", message);
    err->needs_reconnect = class.needs_reconnect;
    err->retry_extra_ms = class.retry_extra_ms;
    if (class.code == ERR_TIMEOUT)
        err->hint = "lower chunk_size (or batch_size), or raise tuning.statement_timeout_s";
    return false;
}
