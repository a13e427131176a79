/* target_view.h: what the reader that `target:` names makes of a column of a Parquet file.
 *
 * Source  the readers' own documents; spec: types, introduction and §3 */
#ifndef RIVET_PREFLIGHT_TARGET_VIEW_H
#define RIVET_PREFLIGHT_TARGET_VIEW_H

#include "batch/type.h"
#include "config/config.h"
#include "util/buffer.h"

/* Appends the type; nothing for TARGET_NONE. */
void target_view(Target target, const Type *type, Buffer *out);

#endif
