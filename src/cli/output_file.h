/* output_file.h: files that others watch: replaced whole, never seen half-written. */
#ifndef RIVET_CLI_OUTPUT_FILE_H
#define RIVET_CLI_OUTPUT_FILE_H

#include "util/buffer.h"
#include "util/error.h"

/* Can it be written? Asked before the work whose result it will hold. ERR_IO. */
MUST_USE bool output_file_check(const char *path, Error *err);

/* Writes beside path, then takes its name. ERR_IO. */
MUST_USE bool output_file_replace(const char *path, const Buffer *content, Error *err);

#endif
