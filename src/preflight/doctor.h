/* doctor.h: can this configuration reach what it names? Nothing of what it tries stays behind,
 * except a local directory that a run would make too.
 *
 * Findings come in the order of the checks; what depends on a failed one is left out.
 * Source   spec: cli §7 */
#ifndef RIVET_PREFLIGHT_DOCTOR_H
#define RIVET_PREFLIGHT_DOCTOR_H

#include "config/config.h"

typedef enum FindingLevel { FINDING_OK, FINDING_WARNING, FINDING_FAILURE } FindingLevel;

typedef struct Finding {
    FindingLevel level;
    const char *kind;     /* "config", "source", "server", "tls", "clock", "state", "destination" */
    const char *label;    /* destinations: "Local(./out)"; else NULL */
    const char *category; /* failures of source and destinations: "auth error"; else NULL */
    const char *message;  /* what was found; NULL when the line says it all */
    const char *remedy;   /* NULL: none known or needed */
    const char *line;     /* as people read it, behind the mark */
} Finding;

typedef struct Doctor {
    Finding *findings;
    size_t count;
    bool has_failure;
    Arena arena;
} Doctor;

/* Zero-initialise the Doctor; doctor_release at the end. */
void doctor_add_config(Doctor *doctor, const Error *err); /* err: ERR_NONE when it loaded */
void doctor_examine(Doctor *doctor, const Config *config, const char *state_path);
void doctor_release(Doctor *doctor);

/* doctor_rules.c: the tables of spec §7, by words of the message. */
const char *doctor_source_category(const char *message);
const char *doctor_destination_category(DestinationKind kind, const char *message);
/* What to do about it; never NULL. */
const char *doctor_remedy(const Error *err, const char *category);

/* doctor_destination.c: "Local(./out)", "S3(bucket)" in arena. */
const char *doctor_destination_label(const DestinationConfig *config, Arena *arena);
/* Do both lead to the same place, so that one probe serves? */
bool doctor_same_destination(const DestinationConfig *a, const DestinationConfig *b);
/* Writes, publishes, reads back and removes an object of its own name. */
MUST_USE bool doctor_probe_destination(const DestinationConfig *config, Arena *arena, Error *err);

#endif
