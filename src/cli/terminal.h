/* terminal.h: standard error, shared by what stays and what is redrawn in place.
 *
 * What stays (log lines, summaries) goes through terminal_print; below it stands the picture, a few
 * lines that terminal_draw replaces. Without a picture terminal_print only writes.
 * Threads any: every change is one write under one lock, so nothing is torn. */
#ifndef RIVET_CLI_TERMINAL_H
#define RIVET_CLI_TERMINAL_H

#include "util/buffer.h"

typedef struct TerminalSize {
    size_t columns;
    size_t rows;
} TerminalSize;

/* Is stderr a terminal whose cursor can be moved, and are we in front of it? */
bool terminal_can_redraw(void);
/* 80 by 24 where the terminal does not tell. */
TerminalSize terminal_size(void);

/* text ends with a line end. */
void terminal_print(const Buffer *text);
/* line_count lines, none as wide as the terminal, each with its line end; none: the picture goes.
 */
void terminal_draw(const Buffer *picture, size_t line_count);

#endif
