/* log.h: one line per event on stderr, nothing anywhere else.
 *
 * Set up  log_init once, before threads start; after that the settings are read only.
 * Filter  RIVET_LOG, else RUST_LOG: a level, or a comma list of module=level; default warn, and
 *         the progress of long exports.
 * Threads any; a line is one write.
 * Never   row values, secrets. Low layers return errors instead of logging. */
#ifndef RIVET_UTIL_LOG_H
#define RIVET_UTIL_LOG_H

#include "util/buffer.h"

typedef enum LogLevel { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE } LogLevel;

typedef struct LogOptions {
    const char *filter; /* NULL: the environment decides */
    bool is_json;
    bool is_plain; /* no colours, whatever stderr is */
} LogOptions;

void log_init(const LogOptions *options);
bool log_has_colour(void);
/* Who writes the lines from now on; NULL: log.c itself. While no other thread logs. */
typedef void (*LogOutput)(const Buffer *line);
void log_set_output(LogOutput output);
bool log_is_enabled(LogLevel level, const char *module);
void log_write(LogLevel level, const char *module, const char *format, ...) PRINTF_LIKE(3, 4);

#define log_error(module, ...) log_write(LOG_ERROR, module, __VA_ARGS__)
#define log_warn(module, ...)  log_write(LOG_WARN, module, __VA_ARGS__)
#define log_info(module, ...)  log_write(LOG_INFO, module, __VA_ARGS__)
#define log_debug(module, ...) log_write(LOG_DEBUG, module, __VA_ARGS__)

#endif
