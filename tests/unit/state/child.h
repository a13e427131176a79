/* child.h: a step in a process of its own, so that it may be limited, killed or someone else. */
#ifndef RIVET_TESTS_UNIT_STATE_CHILD_H
#define RIVET_TESTS_UNIT_STATE_CHILD_H

#include "fixture.h"

#include <sys/types.h>

/* Returns whether the step went as it should; it prints why not. No cmocka checks inside. */
typedef bool (*ChildStep)(Fixture *fixture);

pid_t child_start(ChildStep step, Fixture *fixture);
/* Fails the test unless the child's step returned true. */
void child_join(pid_t pid);
void child_run(ChildStep step, Fixture *fixture);
/* Fails the test unless the child died of this signal. */
void child_join_killed(pid_t pid, int signal);

/* For steps: prints and returns false unless err holds ERR_STATE, this text, the path, a hint. */
bool child_expect(const Fixture *fixture, const char *text);
/* Drops to an uid that owns nothing; false when we are not root. */
bool child_drop_privileges(void);

#endif
