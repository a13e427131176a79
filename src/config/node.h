/* node.h: a YAML document as a tree with lines, before anything is typed.
 *
 * Shape   scalars, sequences, mappings with text keys in file order. An alias is the node of its
 *         anchor: the tree may share nodes, it never holds a cycle.
 * Owner   the arena of the LoadContext.
 * Errors  ERR_CONFIG: not YAML, several documents, nesting deeper than MAX_NODE_DEPTH, more than
 *         MAX_NODE_COUNT nodes once aliases are counted out, NUL characters, foreign tags.
 * Source  YAML 1.2.2 by libyaml's events; typing of scalars: scalar.h. */
#ifndef RIVET_CONFIG_NODE_H
#define RIVET_CONFIG_NODE_H

#include "config/load_context.h"

enum { MAX_NODE_DEPTH = 64, MAX_NODE_COUNT = 200000, MAX_ANCHOR_COUNT = 1000 };

typedef enum NodeKind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING } NodeKind;

typedef struct Node Node;

typedef struct NodeEntry {
    const char *key;
    int line;
    Node *value;
} NodeEntry;

struct Node {
    NodeKind kind;
    int line;
    bool is_plain; /* scalar: neither quoted nor a block, so it may be a number, a boolean, null */
    bool is_expanded;   /* ${…} is replaced in this node and below */
    const char *raw;    /* scalar: as in the file */
    const char *text;   /* scalar: with ${…} replaced */
    Node **items;       /* sequence */
    NodeEntry *entries; /* mapping */
    size_t count;
    size_t weight; /* nodes at and below this one, each alias counted out */
};

MUST_USE bool node_parse(const LoadContext *load, const char *yaml, size_t size_bytes, Node **root,
                         Error *err);

/* NULL when the mapping has no such key or node is no mapping. */
const NodeEntry *node_find(const Node *node, const char *key);

/* As node_find, but a null value counts as absent. */
const NodeEntry *node_find_set(const Node *node, const char *key);

/* The line of the key, or of the mapping itself when the key is absent. */
int node_line(const Node *node, const char *key);

MUST_USE bool node_check_unique_keys(const LoadContext *load, const Node *mapping, Error *err);

#endif
