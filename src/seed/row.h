/* row.h: one row as typed cells, before any database has its say.
 *
 * A table's fill function appends the cells in column order; a writer encodes them for its
 * database. Texts are either constants or live in the row until it is cleared. */
#ifndef SEED_ROW_H
#define SEED_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ColumnType {
    COLUMN_INT16,
    COLUMN_INT32,
    COLUMN_INT64,
    COLUMN_BOOL,
    COLUMN_DECIMAL2,  /* number = hundredths */
    COLUMN_TIMESTAMP, /* number = seconds since 1970-01-01, without time zone */
    COLUMN_TEXT,
    COLUMN_JSON,
} ColumnType;

typedef struct Column {
    const char *name;
    ColumnType type;
} Column;

typedef struct Cell {
    bool is_null;
    int64_t number;   /* every type but text and JSON */
    const char *text; /* text and JSON; not terminated */
    size_t length_bytes;
} Cell;

enum { ROW_MAX_CELLS = 32, ROW_MAX_TEXT_BYTES = 64 * 1024 };

typedef struct Row {
    size_t cell_count;
    size_t text_bytes;
    size_t text_ended_bytes; /* where the text cell under construction begins */
    Cell cells[ROW_MAX_CELLS];
    char text[ROW_MAX_TEXT_BYTES];
} Row;

void row_clear(Row *row);

void row_null(Row *row);
void row_number(Row *row, int64_t number);
void row_text(Row *row, const char *text); /* borrowed: must outlive the row's use */
void row_format(Row *row, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A text built in pieces: append any number of times, then end it as one cell. */
void row_append(Row *row, const char *bytes, size_t length_bytes);
void row_append_text(Row *row, const char *text);
void row_end_text(Row *row);

#endif
