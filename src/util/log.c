#include "util/log.h"

#include <strings.h>
#include <unistd.h>

#include <jansson.h>

#include "util/buffer.h"
#include "util/clock.h"

enum { RULES_MAX = 32, MODULE_BYTES = 64 };

typedef struct LogRule {
    char module[MODULE_BYTES]; /* empty: every module */
    LogLevel level;
} LogRule;

/* Written by log_init before any thread exists, read only afterwards, save output: see log.h. */
static struct {
    LogRule rules[RULES_MAX];
    size_t rule_count;
    bool is_json;
    bool has_colour;
    LogOutput output;
} settings = {.rules = {{"", LOG_WARN}}, .rule_count = 1};

static const char *const LEVEL_NAMES[] = {"OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"};
static const char *const LEVEL_COLOURS[] = {"",         "\033[31m", "\033[33m",
                                            "\033[32m", "\033[34m", "\033[36m"};

static bool
parse_level(const char *text, size_t length, LogLevel *level)
{
    for (size_t i = 0; i < ARRAY_LENGTH(LEVEL_NAMES); i++) {
        if (strlen(LEVEL_NAMES[i]) == length && strncasecmp(text, LEVEL_NAMES[i], length) == 0) {
            *level = (LogLevel)i;
            return true;
        }
    }
    return false;
}

/* One item of the filter: "level", "module" (everything of it) or "module=level". */
static void
add_rule(const char *item, size_t length)
{
    LogRule *rule = &settings.rules[settings.rule_count];
    const char *equals = memchr(item, '=', length);
    size_t name_length = equals == NULL ? length : (size_t)(equals - item);

    if (length == 0 || settings.rule_count == RULES_MAX)
        return;
    if (equals == NULL && parse_level(item, length, &rule->level)) {
        rule->module[0] = '\0';
    } else {
        rule->level = LOG_TRACE;
        if (equals != NULL && !parse_level(equals + 1, length - name_length - 1, &rule->level))
            return;
        snprintf(rule->module, sizeof(rule->module), "%.*s", (int)name_length, item);
    }
    settings.rule_count++;
}

static const char *
filter_from_environment(void)
{
    const char *filter = getenv("RIVET_LOG");

    if (filter == NULL || filter[0] == '\0')
        filter = getenv("RUST_LOG");
    return filter == NULL || filter[0] == '\0' ? "warn,rivet::progress=info" : filter;
}

static bool
wants_colour(void)
{
    const char *style = getenv("RUST_LOG_STYLE");

    if (style != NULL && strcmp(style, "always") == 0)
        return true;
    if (style != NULL && strcmp(style, "never") == 0)
        return false;
    const char *no_colour = getenv("NO_COLOR");
    return (no_colour == NULL || no_colour[0] == '\0') && isatty(STDERR_FILENO) == 1;
}

void
log_init(const LogOptions *options)
{
    const char *filter = options->filter != NULL ? options->filter : filter_from_environment();

    settings.is_json = options->is_json;
    settings.has_colour = !options->is_plain && wants_colour();
    settings.rule_count = 0;
    while (*filter != '\0') {
        size_t length = strcspn(filter, ",");
        add_rule(filter, length);
        filter += length;
        filter += *filter == ',';
    }
}

bool
log_has_colour(void)
{
    return settings.has_colour;
}

void
log_set_output(LogOutput output)
{
    settings.output = output;
}

/* The longest module prefix wins; a rule without module is the fall-back; without it: off. */
bool
log_is_enabled(LogLevel level, const char *module)
{
    size_t best_length = 0;
    LogLevel best = LOG_OFF;

    for (size_t i = 0; i < settings.rule_count; i++) {
        const LogRule *rule = &settings.rules[i];
        size_t length = strlen(rule->module);
        if (strncmp(module, rule->module, length) == 0 && length >= best_length) {
            best = rule->level;
            best_length = length;
        }
    }
    return level <= best;
}

static void
append_text_line(Buffer *line, LogLevel level, const char *module, const char *message)
{
    char now[CLOCK_TEXT_BYTES];

    clock_format_log(clock_now_us(), now);
    buffer_append_format(line, "[%s %s%-5s%s %s] %s", now,
                         settings.has_colour ? LEVEL_COLOURS[level] : "", LEVEL_NAMES[level],
                         settings.has_colour ? "\033[0m" : "", module, message);
}

static void
append_json_line(Buffer *line, LogLevel level, const char *module, const char *message)
{
    char now[CLOCK_TEXT_BYTES];

    clock_format_rfc3339(clock_now_us(), now);
    json_t *object = json_pack("{ss ss ss ss+}", "time", now, "level", LEVEL_NAMES[level], "module",
                               module, "message", message, "");
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    buffer_append_text(line, text == NULL ? "{\"message\":\"not valid UTF-8\"}" : text);
    free(text);
    json_decref(object);
}

/* A message may quote a server's text: line ends would break "one line per event". */
static void
flatten_lines(char *message)
{
    for (char *at = message; *at != '\0'; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
}

void
log_write(LogLevel level, const char *module, const char *format, ...)
{
    Buffer line = {0};
    char message[4096];
    va_list args;

    if (!log_is_enabled(level, module))
        return;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    if (settings.is_json)
        append_json_line(&line, level, module, message);
    else {
        flatten_lines(message);
        append_text_line(&line, level, module, message);
    }
    buffer_append_byte(&line, '\n');
    if (settings.output != NULL) {
        settings.output(&line);
    } else {
        /* Nothing sensible can be done about a closed stderr. */
        ssize_t ignored = write(STDERR_FILENO, line.data, line.size);
        (void)ignored;
    }
    buffer_release(&line);
}
