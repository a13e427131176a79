/* migrate.h: brings the tables to STATE_VERSION, inside src/state only. Source: state §3. */
#ifndef RIVET_STATE_MIGRATE_H
#define RIVET_STATE_MIGRATE_H

#include "state/connection.h"

/* One transaction for all steps, so that two first opens cannot collide and a failure leaves the
 * file as it was. A version above ours is refused. */
bool migrate(State *state, Error *err);
/* The file stays as it is: an older one is copied to memory, and the copy is migrated. */
bool migrate_copy(State *state, Error *err);

#endif
