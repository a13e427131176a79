/* misplaced.h: tuning fields written one level too high, the most common slip. Source: spec config
 * §6. */
#ifndef RIVET_CONFIG_MISPLACED_H
#define RIVET_CONFIG_MISPLACED_H

#include "config/node.h"

/* ERR_CONFIG for tuning fields directly under source or in an export, with a sample of where they
 * belong. */
MUST_USE bool misplaced_check(const LoadContext *load, const Node *root, Error *err);

#endif
