#include "cli/terminal.h"

#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/report.h"

/* What terminals since the VT100 do. */
#define CLEAR_BELOW   "\033[J"
#define CLEAR_LINE    "\033[K"
#define CURSOR_UP     "\033[%zuA"
#define COLUMNS_USUAL 80
#define ROWS_USUAL    24

/* The one picture on the one stderr. */
static struct {
    pthread_mutex_t mutex;
    Buffer picture;
    size_t line_count;
} shown = {.mutex = PTHREAD_MUTEX_INITIALIZER};

bool
terminal_can_redraw(void)
{
    const char *kind = getenv("TERM");
    bool is_dumb = kind == NULL || kind[0] == '\0' || strcmp(kind, "dumb") == 0;
    pid_t front = tcgetpgrp(STDERR_FILENO);

    /* A terminal that is not the controlling one has no front. */
    return !is_dumb && isatty(STDERR_FILENO) == 1 && (front < 0 || front == getpgrp());
}

TerminalSize
terminal_size(void)
{
    struct winsize size = {0};
    bool is_told = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;

    return (TerminalSize){
        .columns = is_told && size.ws_col > 0 ? size.ws_col : COLUMNS_USUAL,
        .rows = is_told && size.ws_row > 0 ? size.ws_row : ROWS_USUAL,
    };
}

static void
go_to_top(Buffer *out)
{
    buffer_append_byte(out, '\r');
    if (shown.line_count > 0)
        buffer_append_format(out, CURSOR_UP, shown.line_count);
}

/* Line by line over the old one: a screen that is cleared first would flicker. */
static void
append_picture(Buffer *out)
{
    const uint8_t *at = shown.picture.data;
    const uint8_t *end = at + shown.picture.size;

    while (at < end) {
        const uint8_t *line_end = memchr(at, '\n', (size_t)(end - at));
        buffer_append(out, at, (size_t)(line_end - at));
        buffer_append_text(out, CLEAR_LINE "\n");
        at = line_end + 1;
    }
    buffer_append_text(out, CLEAR_BELOW);
}

void
terminal_print(const Buffer *text)
{
    Buffer out = {0};

    pthread_mutex_lock(&shown.mutex);
    if (shown.line_count > 0) {
        go_to_top(&out);
        buffer_append_text(&out, CLEAR_BELOW);
        buffer_append(&out, text->data, text->size);
        append_picture(&out);
        report_write(STDERR_FILENO, &out);
    } else {
        report_write(STDERR_FILENO, text);
    }
    pthread_mutex_unlock(&shown.mutex);
    buffer_release(&out);
}

void
terminal_draw(const Buffer *picture, size_t line_count)
{
    Buffer out = {0};

    pthread_mutex_lock(&shown.mutex);
    if (line_count > 0 || shown.line_count > 0) {
        go_to_top(&out);
        buffer_reset(&shown.picture);
        if (line_count > 0)
            buffer_append(&shown.picture, picture->data, picture->size);
        shown.line_count = line_count;
        append_picture(&out);
        report_write(STDERR_FILENO, &out);
    }
    if (line_count == 0)
        buffer_release(&shown.picture);
    pthread_mutex_unlock(&shown.mutex);
    buffer_release(&out);
}
