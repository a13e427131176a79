/* child_output.h: what a child process writes to stderr, where its parent draws a picture: it comes
 * through a pipe and is passed on in whole lines. */
#ifndef RIVET_CLI_CHILD_OUTPUT_H
#define RIVET_CLI_CHILD_OUTPUT_H

#include "util/buffer.h"
#include "util/error.h"

typedef struct ChildOutput {
    int fd;       /* the parent's end; -1: the child writes to stderr itself */
    int child_fd; /* until the child has it */
    Buffer text;  /* no whole line yet */
} ChildOutput;

#define CHILD_OUTPUT_NONE                                                                          \
    {                                                                                              \
        .fd = -1, .child_fd = -1                                                                   \
    }

MUST_USE bool child_output_open(ChildOutput *output, Error *err);
/* Once the child runs: its end is its own. */
void child_output_started(ChildOutput *output);
/* Passes on what has arrived, without waiting. */
void child_output_pass_on(ChildOutput *output);
/* The rest, once the child has ended. */
void child_output_close(ChildOutput *output);

#endif
