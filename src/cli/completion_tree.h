/* completion_tree.h: the command table as nodes of candidates, for shells that take it so. */
#ifndef RIVET_CLI_COMPLETION_TREE_H
#define RIVET_CLI_COMPLETION_TREE_H

#include "cli/completion.h"

/* How a shell writes the tree. path: "rivet", "rivet;state", "rivet;state;show". */
typedef struct CompletionWriter {
    FILE *out;
    void (*begin)(FILE *out, const char *path);
    void (*candidate)(FILE *out, const char *text, size_t length, const char *help);
    void (*end)(FILE *out);
} CompletionWriter;

void completion_write_tree(const CompletionWriter *writer);

#endif
