/* failure.h: one message about what went wrong; the program ends with it. */
#ifndef SEED_FAILURE_H
#define SEED_FAILURE_H

#include <stdbool.h>

typedef struct Failure {
    char message[512]; /* without a final newline, never with a password */
} Failure;

/* Set the message; always false, so that a function can return it. */
bool failure_set(Failure *failure, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
