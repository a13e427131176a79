/* address.h: where and as whom to connect, from a URL or from the parts.
 *
 * URL      mysql://[user[:password]@]host[:port][/database][?parameter=value&…]
 *          user, password, database and values are percent-decoded. The last '@' ends the user
 *          part, so a password may hold '@', ':' and '/' as they are.
 *          Parameters: ssl-mode, ssl-ca, ssl-cert, ssl-key, socket.
 * Owner    texts lie in the arena; my_address_wipe overwrites the password.
 * Errors   ERR_CONFIG; messages quote nothing that could be a piece of a password.
 * Source   spec: config §9, extraction §3 */
#ifndef RIVET_SOURCE_MYSQL_ADDRESS_H
#define RIVET_SOURCE_MYSQL_ADDRESS_H

#include "config/config.h"

typedef struct MyTls {
    TlsMode mode; /* never TLS_UNSET */
    const char *ca;
    const char *cert;
    const char *key;
} MyTls;

typedef struct MyAddress {
    const char *host; /* NULL with a socket */
    unsigned port;
    const char *socket;
    const char *user;
    char *password; /* NULL: none */
    const char *database;
    MyTls tls;
    Secret url; /* only to keep it out of messages */
} MyAddress;

MUST_USE bool my_address_read(const SourceAddress *source, Arena *arena, MyAddress *address,
                              Error *err);
void my_address_wipe(MyAddress *address);

#endif
