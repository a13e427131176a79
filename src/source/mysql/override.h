/* override.h: what an override changes about a field. Source: spec types §3. */
#ifndef RIVET_SOURCE_MYSQL_OVERRIDE_H
#define RIVET_SOURCE_MYSQL_OVERRIDE_H

#include "source/mysql/wire.h"

MUST_USE bool my_apply_override(const ColumnOverride *override, MyField *field, Error *err);

#endif
