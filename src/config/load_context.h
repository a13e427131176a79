/* load_context.h: what one loading of a configuration carries along, and how it speaks.
 *
 * Errors    ERR_CONFIG; the place ("dev/x.yaml:12") becomes the error's context, so that a
 * formatted error starts with it. Line 0: the file as a whole. Warnings  whole sentences in the
 * arena, at most MAX_WARNINGS of them and one that counts the rest. Safety    passwords inside URLs
 * are redacted and control characters replaced in both, whatever the caller put in. */
#ifndef RIVET_CONFIG_LOAD_CONTEXT_H
#define RIVET_CONFIG_LOAD_CONTEXT_H

#include "config/config.h"

enum { MAX_WARNINGS = 50 };

typedef struct LoadContext {
    Arena *arena;
    const ConfigOptions *options;
    const char *warnings[MAX_WARNINGS + 1];
    size_t warning_count; /* may exceed MAX_WARNINGS: those were counted, not kept */
} LoadContext;

void config_set_error(const LoadContext *load, int line, Error *err, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* Sets the error and is false: a macro, so that the compiler and its analyzers know. */
#define config_fail(...) (config_set_error(__VA_ARGS__), false)

void config_warn(LoadContext *load, int line, const char *format, ...) PRINTF_LIKE(3, 4);
bool config_can_warn(const LoadContext *load); /* false: a warning would only be counted */
void config_finish_warnings(LoadContext *load);

/* A name or word of the user's, fit for a message: cut, control characters replaced. */
const char *config_shown(const LoadContext *load, const char *text);

#endif
