#include "row.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
row_clear(Row *row)
{
    row->cell_count = 0;
    row->text_bytes = 0;
    row->text_ended_bytes = 0;
}

static Cell *
next_cell(Row *row)
{
    assert(row->cell_count < ROW_MAX_CELLS);
    Cell *cell = &row->cells[row->cell_count++];
    *cell = (Cell){0};
    return cell;
}

void
row_null(Row *row)
{
    next_cell(row)->is_null = true;
}

void
row_number(Row *row, int64_t number)
{
    next_cell(row)->number = number;
}

void
row_text(Row *row, const char *text)
{
    Cell *cell = next_cell(row);
    cell->text = text;
    cell->length_bytes = strlen(text);
}

void
row_append(Row *row, const char *bytes, size_t length_bytes)
{
    assert(row->text_bytes + length_bytes <= ROW_MAX_TEXT_BYTES);
    memcpy(row->text + row->text_bytes, bytes, length_bytes);
    row->text_bytes += length_bytes;
}

void
row_append_text(Row *row, const char *text)
{
    row_append(row, text, strlen(text));
}

void
row_end_text(Row *row)
{
    Cell *cell = next_cell(row);
    cell->text = row->text + row->text_ended_bytes;
    cell->length_bytes = row->text_bytes - row->text_ended_bytes;
    row->text_ended_bytes = row->text_bytes;
}

void
row_format(Row *row, const char *format, ...)
{
    size_t room = ROW_MAX_TEXT_BYTES - row->text_bytes;
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(row->text + row->text_bytes, room, format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < room);
    row->text_bytes += (size_t)length;
    row_end_text(row);
}
