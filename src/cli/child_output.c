#include "cli/child_output.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/terminal.h"

enum { READ_BYTES = 65536 };

bool
child_output_open(ChildOutput *output, Error *err)
{
    int ends[2];

    *output = (ChildOutput)CHILD_OUTPUT_NONE;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(err, ERR_INTERNAL, errno, "cannot make a pipe");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    output->fd = ends[0];
    output->child_fd = ends[1];
    return true;
}

void
child_output_started(ChildOutput *output)
{
    if (output->child_fd >= 0)
        close(output->child_fd);
    output->child_fd = -1;
}

static void
print_lines(ChildOutput *output)
{
    Buffer *text = &output->text;
    const uint8_t *last = text->size == 0 ? NULL : memrchr(text->data, '\n', text->size);
    size_t whole = last == NULL ? 0 : (size_t)(last - text->data) + 1;
    const Buffer lines = {.data = text->data, .size = whole};

    if (whole == 0)
        return;
    terminal_print(&lines);
    text->size -= whole;
    memmove(text->data, text->data + whole, text->size);
}

void
child_output_pass_on(ChildOutput *output)
{
    ssize_t got = 1;

    while (output->fd >= 0 && got > 0) {
        got = read(output->fd, buffer_reserve(&output->text, READ_BYTES), READ_BYTES);
        if (got > 0)
            output->text.size += (size_t)got;
    }
    print_lines(output);
}

void
child_output_close(ChildOutput *output)
{
    child_output_started(output);
    if (output->fd < 0)
        return;
    child_output_pass_on(output);
    if (output->text.size > 0) {
        buffer_append_byte(&output->text, '\n');
        print_lines(output);
    }
    close(output->fd);
    output->fd = -1;
    buffer_release(&output->text);
}
