#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
failure_set(Failure *failure, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(failure->message, sizeof(failure->message), format, arguments);
    va_end(arguments);
    /* Client libraries end their messages with a newline. */
    for (size_t length = strlen(failure->message);
         length > 0 && failure->message[length - 1] == '\n'; length--)
        failure->message[length - 1] = '\0';
    return false;
}
