/* error.h: the one error type, the table of kinds, and how an error travels.
 *
 * What can fail returns bool, false on failure, and takes `Error *err` last. Whoever meets the
 * failure sets code and message once; callers on the way up add where it happened with
 * error_add_context and never rewrite what happened. err must start zeroed (ERROR_INIT).
 *
 * A message never holds a secret or a value of a row. */
#ifndef RIVET_UTIL_ERROR_H
#define RIVET_UTIL_ERROR_H

#include "util/base.h"

/*    kind               name                   exit  may a retry help? */
#define ERROR_KINDS(X)                                                                             \
    X(ERR_NONE, "ok", 0, false)                                                                    \
    X(ERR_CONFIG, "config", 1, false)             /* the configuration is wrong */                 \
    X(ERR_USAGE, "usage", 2, false)               /* the command line is wrong */                  \
    X(ERR_CHECK, "data check", 3, false)          /* quality, validate, reconcile */               \
    X(ERR_DRIFT, "schema drift", 4, false)        /* on_schema_drift: fail */                      \
    X(ERR_UNAVAILABLE, "unavailable", 5, true)    /* source or destination away */                 \
    X(ERR_CONFLICT, "server conflict", 1, true)   /* deadlock, serialization, lock */              \
    X(ERR_TIMEOUT, "statement timeout", 1, false) /* the same statement fails again */             \
    X(ERR_QUERY, "query", 1, false)               /* the server refuses the query */               \
    X(ERR_DENIED, "access denied", 1, false)      /* password, permission */                       \
    X(ERR_VALUE, "value", 1, false)               /* a value does not fit exactly */               \
    X(ERR_BUDGET, "memory budget", 1, false)      /* a cell larger than the budget */              \
    X(ERR_IO, "input/output", 1, false)           /* disk full, read-only, fsync */                \
    X(ERR_STATE, "state database", 1, false)                                                       \
    X(ERR_LOCKED, "locked", 1, false) /* another run holds the export */                           \
    X(ERR_FORMAT, "format", 1, false) /* a file is not what it should be */                        \
    X(ERR_UNSUPPORTED, "unsupported", 1, false)                                                    \
    X(ERR_OUTPUT_CLOSED, "output closed", 0, false) /* the reader of the pipe left */              \
    X(ERR_INTERRUPTED, "interrupted", 130, false)   /* SIGINT; SIGTERM: see cli */                 \
    X(ERR_INTERNAL, "internal", 1, false)

typedef enum ErrorCode {
#define ERROR_ENUM(kind, name, exit_status, retry) kind,
    ERROR_KINDS(ERROR_ENUM)
#undef ERROR_ENUM
} ErrorCode;

typedef struct Error {
    ErrorCode code;
    bool needs_reconnect; /* the connection is gone; a retry opens a new one */
    int retry_extra_ms;   /* added to the back-off, e.g. while a server starts */
    char message[1024];   /* what failed: set once, where it failed */
    char context[256];    /* where: each caller prepends, "export=orders column=total" */
    const char *hint;     /* what the user can do about it; static text or NULL */
} Error;

#define ERROR_INIT ((Error){.code = ERR_NONE})

/* Both return false, so that `return error_set(err, …);` is the whole failure path. An error that
 * is set already stays: the first cause is the one worth reading. */
bool error_set(Error *err, ErrorCode code, const char *format, ...) PRINTF_LIKE(3, 4);
bool error_set_errno(Error *err, ErrorCode code, int errnum, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* The analyzer looks at one file at a time and would follow paths on which they return true. */
#ifdef __clang_analyzer__
#define error_set(...)       (error_set(__VA_ARGS__), false)
#define error_set_errno(...) (error_set_errno(__VA_ARGS__), false)
#endif

/* Prepends "<text> " to the context. Returns false, for use in `return`. */
bool error_add_context(Error *err, const char *format, ...) PRINTF_LIKE(2, 3);

void error_clear(Error *err);
bool error_is_retryable(const Error *err);
int error_exit_status(const Error *err);
const char *error_name(ErrorCode code);

/* "<context>: <message>" into text, whole or cut at size. */
void error_format(const Error *err, char *text, size_t size_bytes);

#endif
