/* unit_part.h: the parts of a unit while it is being written, inside unit*.c only. */
#ifndef RIVET_PIPELINE_UNIT_PART_H
#define RIVET_PIPELINE_UNIT_PART_H

#include "pipeline/pressure.h"
#include "pipeline/unit.h"

/* The part that is being written. */
typedef struct OpenPart {
    SealedPart part;
    Upload *upload;
    Sink sink;
    Writer *writer;
    int copy_fd;  /* where a sealed part cannot be read but must be: its bytes, unnamed; else -1 */
    bool is_full; /* finished; sealed as soon as its final name is known */
} OpenPart;

typedef struct UnitRun {
    const UnitContext *context;
    const UnitJob *job;
    UnitResult *result;
    Destination *destination;
    FormatOptions format;
    Pressure pressure;
    OpenPart *open; /* NULL between parts */
    OpenPart room;
    uint64_t shown_rows, shown_bytes; /* what the progress has of this unit */
} UnitRun;

/* Appends the batch, opening and sealing parts at their size limit. */
MUST_USE bool unit_part_write(UnitRun *run, const Batch *batch, Error *err);
/* Steps 3 and 4 for the open part. is_last: no further part follows, so a lone part loses its
 * number. */
MUST_USE bool unit_part_seal(UnitRun *run, bool is_last, Error *err);
/* Ends the handles of the open part; what is not sealed stays for discard. No part: fine. */
void unit_part_release(UnitRun *run);

#endif
