#include "source/mysql/address.h"

#include <strings.h>

enum { DEFAULT_PORT = 3306, PORT_MAX = 65535 };

static bool
broken(const char *what, Error *err)
{
    return error_set(err, ERR_CONFIG, "the MySQL URL cannot be read: %s", what);
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A '%' without two hexadecimal digits stands for itself, as a password typed by hand has it. */
static char *
decode_percent(const char *text, size_t length, Arena *arena)
{
    char *out = arena_dup_bytes(arena, text, length);
    size_t size = 0;

    for (size_t i = 0; i < length; i++) {
        int high = text[i] == '%' && i + 2 < length ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out[size++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[size++] = text[i];
        }
    }
    out[size] = '\0';
    return out;
}

static const char *const SSL_MODES[] = {
    [TLS_DISABLED] = "DISABLED",
    [TLS_PREFERRED] = "PREFERRED",
    [TLS_REQUIRED] = "REQUIRED",
    [TLS_VERIFY_CA] = "VERIFY_CA",
    [TLS_VERIFY_IDENTITY] = "VERIFY_IDENTITY",
};

static bool
read_ssl_mode(const char *word, TlsMode *mode, Error *err)
{
    for (size_t i = TLS_DISABLED; i < ARRAY_LENGTH(SSL_MODES); i++) {
        if (strcasecmp(word, SSL_MODES[i]) == 0) {
            *mode = (TlsMode)i;
            return true;
        }
    }
    return broken("ssl-mode is one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY",
                  err);
}

/* name=value */
static bool
read_parameter(const char *text, size_t length, Arena *arena, MyAddress *address, Error *err)
{
    const char *equals = memchr(text, '=', length);
    const struct {
        const char *name;
        const char **value;
    } TEXTS[] = {
        {"ssl-ca", &address->tls.ca},
        {"ssl-cert", &address->tls.cert},
        {"ssl-key", &address->tls.key},
        {"socket", &address->socket},
    };

    if (equals == NULL)
        return broken("a parameter behind '?' has no value", err);
    size_t name_length = (size_t)(equals - text);
    const char *value = decode_percent(equals + 1, length - name_length - 1, arena);
    if (name_length == strlen("ssl-mode") && strncasecmp(text, "ssl-mode", name_length) == 0)
        return read_ssl_mode(value, &address->tls.mode, err);
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++) {
        if (strlen(TEXTS[i].name) == name_length &&
            strncasecmp(text, TEXTS[i].name, name_length) == 0) {
            *TEXTS[i].value = value;
            return true;
        }
    }
    return broken("parameters are ssl-mode, ssl-ca, ssl-cert, ssl-key and socket (a password with "
                  "'?' must be percent-encoded)",
                  err);
}

static bool
read_parameters(const char *at, Arena *arena, MyAddress *address, Error *err)
{
    while (*at != '\0') {
        size_t length = strcspn(at, "&");
        if (length > 0 && !read_parameter(at, length, arena, address, err))
            return false;
        at += length + (at[length] == '&');
    }
    return true;
}

static bool
read_port(const char *text, size_t length, unsigned *port, Error *err)
{
    *port = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || *port > PORT_MAX)
            return broken("the port is no number (a password with special characters must be "
                          "percent-encoded)",
                          err);
        *port = *port * 10 + (unsigned)(text[i] - '0');
    }
    if (*port == 0 || *port > PORT_MAX)
        return broken("the port is not between 1 and 65535", err);
    return true;
}

/* host, host:port, [ipv6]:port */
static bool
read_host(const char *text, size_t length, Arena *arena, MyAddress *address, Error *err)
{
    size_t host_length = 0;

    if (length > 0 && text[0] == '[') {
        const char *end = memchr(text, ']', length);
        if (end == NULL)
            return broken("'[' before the host has no ']'", err);
        host_length = (size_t)(end - text) + 1;
        address->host = arena_dup_bytes(arena, text + 1, host_length - 2);
    } else {
        while (host_length < length && text[host_length] != ':')
            host_length++;
        address->host = decode_percent(text, host_length, arena);
    }
    if (host_length == length)
        return true;
    if (text[host_length] != ':')
        return broken("the host is followed by something that is no port", err);
    return read_port(text + host_length + 1, length - host_length - 1, &address->port, err);
}

static void
read_user(const char *text, size_t length, Arena *arena, MyAddress *address)
{
    const char *colon = memchr(text, ':', length);
    size_t user_length = colon == NULL ? length : (size_t)(colon - text);

    address->user = decode_percent(text, user_length, arena);
    if (colon != NULL)
        address->password = decode_percent(colon + 1, length - user_length - 1, arena);
}

static bool
read_url(const char *url, Arena *arena, MyAddress *address, Error *err)
{
    const char *at = strstr(url, "://");

    if (at == NULL || (size_t)(at - url) != strlen("mysql") ||
        strncasecmp(url, "mysql", strlen("mysql")) != 0)
        return broken("it begins with mysql://", err);
    at += strlen("://");
    const char *user_end = strrchr(at, '@');
    if (user_end != NULL) {
        read_user(at, (size_t)(user_end - at), arena, address);
        at = user_end + 1;
    }
    size_t host_length = strcspn(at, "/?");
    if (!read_host(at, host_length, arena, address, err))
        return false;
    at += host_length;
    if (*at == '/') {
        size_t length = strcspn(++at, "?");
        address->database = decode_percent(at, length, arena);
        at += length;
    }
    return *at != '?' || read_parameters(at + 1, arena, address, err);
}

static bool
is_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

/* The block wins over the URL as a whole: half of each would be neither. */
static void
take_tls_block(const TlsConfig *block, MyTls *tls)
{
    if (block->mode == TLS_UNSET && block->ca == NULL && block->cert == NULL && block->key == NULL)
        return;
    *tls = (MyTls){block->mode, block->ca, block->cert, block->key};
}

bool
my_address_read(const SourceAddress *source, Arena *arena, MyAddress *address, Error *err)
{
    *address = (MyAddress){.port = DEFAULT_PORT, .url = source->url};
    if (secret_is_set(source->url)) {
        if (!read_url(secret_reveal(source->url), arena, address, err))
            return false;
    } else {
        address->host = source->host;
        address->socket = source->socket;
        address->user = source->user;
        address->database = source->database;
        address->password = arena_dup_string(arena, secret_reveal(source->password));
        if (source->port != 0)
            address->port = (unsigned)source->port;
    }
    take_tls_block(&source->tls, &address->tls);
    if (address->tls.mode == TLS_UNSET)
        address->tls.mode = TLS_PREFERRED;
    if (!is_empty(address->socket))
        address->host = NULL;
    else if (is_empty(address->host))
        address->host = "localhost";
    return true;
}

void
my_address_wipe(MyAddress *address)
{
    if (address->password != NULL)
        explicit_bzero(address->password, strlen(address->password));
}
