/* fault.h: places where a test can make the process die or a step fail.
 *
 * Compiled to nothing unless RIVET_FAULTS is set (the presets of the tests). Then one fault is
 * armed by the environment variable RIVET_FAULT:
 *   name        the first pass of FAULT_POINT("name") kills the process with SIGKILL
 *   name:3      the third pass does
 *   name=EIO    FAULT_ERRNO("name") is EIO at its first pass, name=ENOSPC:3 ENOSPC at its third
 *               (also EACCES, EPERM, EROFS, EPIPE)
 * RIVET_FAULT_TRACE names a file that gets the name of every point passed, a line each: what a test
 * has to go through. RIVET_BREAK names a way to do the steps of delivery in a wrong order
 * (pipeline/commit.c), to show that the tests notice.
 * Names   folder.step.when, as in "local.publish.linked".
 * Threads any; passes are counted over all of them. */
#ifndef RIVET_UTIL_FAULT_H
#define RIVET_UTIL_FAULT_H

#include "util/base.h"

#ifdef RIVET_FAULTS

void fault_point(const char *name);
int fault_errno(const char *name);
bool fault_breaks(const char *name); /* is RIVET_BREAK this name? */

#define FAULT_POINT(name) fault_point(name)
/* 0: go on with the real call. */
#define FAULT_ERRNO(name) fault_errno(name)

#else

#define FAULT_POINT(name) ((void)0)
#define FAULT_ERRNO(name) 0

#endif

#endif
