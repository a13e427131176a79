/* retry_class.h: what a server's failure means for the run: error kind, retry, reconnect, pause.
 *
 * Order   code first (SQLSTATE, MySQL error number), then the text rules.
 * Source  spec: behaviour §19. */
#ifndef RIVET_SOURCE_RETRY_CLASS_H
#define RIVET_SOURCE_RETRY_CLASS_H

#include "util/error.h"

typedef struct RetryClass {
    ErrorCode code; /* its table entry says whether a retry may help */
    bool needs_reconnect;
    int retry_extra_ms;
} RetryClass;

/* sqlstate: five characters, or NULL or empty when the connection ended without one. */
RetryClass retry_class_sqlstate(const char *sqlstate);

/* Error numbers of MySQL and MariaDB, the server's and the client library's; message decides for
 * numbers without a row. */
RetryClass retry_class_mysql(unsigned number, const char *message);

/* Failures that carry nothing but their text. */
RetryClass retry_class_text(const char *message);

/* err from a class and a redacted message, with a hint where the class has one. Returns false. */
bool retry_class_error(Error *err, RetryClass class, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
