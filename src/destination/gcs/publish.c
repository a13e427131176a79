/* The steps that a later process can repeat: publish, probe, abort. */
#include "destination/gcs/gcs.h"
#include "util/fault.h"
#include "util/interrupt.h"
#include "util/log.h"

#define MODULE "rivet::gcs"

enum { TRIES_MAX = 8, PAUSE_MS = 200 };

/* One publish under way. */
typedef struct Publishing {
    GcsDestination *dest;
    const UploadRef *ref;
    char *name;
    uint64_t first_kept; /* the tail starts here */
    uint64_t persisted;  /* and the store has so much, as far as it told */
} Publishing;

/* Ours under the key, but not what was sent: to publish it as a success would be a lie. */
static bool
check_content(const Publishing *publishing, const GcsObject *object, Error *err)
{
    const char *want = publishing->ref->store_check;
    const char *have = object->check;

    if (want[0] == '\0' || have[0] == '\0' || strcmp(have, want) == 0)
        return true;
    if (err->code == ERR_NONE)
        err->hint = "the object is damaged: 'rivet state reset' ('state reset-chunks' with a "
                    "checkpoint) removes it; then run the same command again";
    return error_set(err, ERR_IO, "'%s' holds other bytes than were sent: %s instead of %s",
                     publishing->name, have, want);
}

/* No answer of the session decides any more: the key does. */
static bool
settle_by_key(const Publishing *publishing, PublishResult *out, Error *err)
{
    GcsObject object = {0};

    if (!gcs_object_look(publishing->dest, publishing->name, true, &object, err))
        return false;
    *out = !object.exists                                 ? PUBLISH_GONE
           : gcs_object_is_ours(&object, publishing->ref) ? PUBLISH_DONE
                                                          : PUBLISH_TAKEN;
    return *out != PUBLISH_DONE || check_content(publishing, &object, err);
}

static bool
settle_by_answer(const Publishing *publishing, const HttpAnswer *answer, PublishResult *out,
                 Error *err)
{
    GcsObject object = {0};

    *out = PUBLISH_DONE;
    if (gcs_object_parse(answer, &object) && gcs_object_is_ours(&object, publishing->ref))
        return check_content(publishing, &object, err);
    return settle_by_key(publishing, out, err);
}

/* The final request, from where the store is: the tail, its rest, or no more than the total. */
static bool
send_tail(const Publishing *publishing, HttpAnswer *answer, Error *err)
{
    const UploadRef *ref = publishing->ref;
    size_t skipped = (size_t)(publishing->persisted - publishing->first_kept);
    const GcsPiece piece = {
        .bytes = ref->tail_bytes == 0 ? NULL : ref->tail + skipped,
        .size_bytes = ref->tail_bytes - skipped,
        .offset = publishing->persisted,
        .is_last = true,
        .total_bytes = ref->size_bytes,
        .check = ref->store_check,
    };

    return gcs_session_put(publishing->dest, ref->reference, &piece, answer, err);
}

/* What the session's answer says about the publish. */
typedef enum Verdict { VERDICT_AGAIN, VERDICT_ANSWER, VERDICT_KEY, VERDICT_REFUSED } Verdict;

static Verdict
judge(Publishing *publishing, const HttpAnswer *answer)
{
    uint64_t persisted = 0;

    switch (answer->status) {
    case 200:
    case 201:
        return VERDICT_ANSWER;
    case 308:
        if (!gcs_session_progress(answer, &persisted))
            return VERDICT_REFUSED;
        /* Bytes that were acknowledged and are gone: nobody has them any more. */
        if (persisted < publishing->first_kept || persisted > publishing->ref->size_bytes)
            return VERDICT_KEY;
        publishing->persisted = persisted;
        return VERDICT_AGAIN;
    case 409: /* another request on this session is under way */
        return VERDICT_AGAIN;
    case 400: /* the store refuses these very bytes, or a session it finished long ago */
    case 404:
    case 410:
    case 412:
    case 499:
        return VERDICT_KEY;
    default:
        return VERDICT_REFUSED;
    }
}

/* An answer that is not understood, or one that leaves open whether a dead process's request is
 * still at work, changes nothing. */
static bool
refuse(const Publishing *publishing, const HttpAnswer *answer, Error *err)
{
    if (answer->status == 308)
        return gcs_fail(publishing->dest, GCS_PUBLISH, publishing->name, ERR_UNAVAILABLE,
                        "the store does not end the upload", err);
    return gcs_refuse(publishing->dest, GCS_PUBLISH, publishing->name, answer, err);
}

static bool
finish_session(Publishing *publishing, PublishResult *out, Error *err)
{
    for (int try = 1;; try++) {
        HttpAnswer answer = {0};
        bool ok = send_tail(publishing, &answer, err);
        FAULT_POINT("gcs.publish.answered");
        Verdict verdict = ok ? judge(publishing, &answer) : VERDICT_REFUSED;
        bool is_over = verdict != VERDICT_AGAIN;
        if (ok && verdict == VERDICT_KEY && answer.status == 400)
            log_warn(MODULE, "'%s': the store refuses the last bytes of the upload (HTTP 400)",
                     publishing->name);
        if (ok && verdict == VERDICT_ANSWER)
            ok = settle_by_answer(publishing, &answer, out, err);
        else if (ok && verdict == VERDICT_KEY)
            ok = settle_by_key(publishing, out, err);
        else if (ok && (is_over || try == TRIES_MAX))
            ok = refuse(publishing, &answer, err);
        http_answer_free(&answer);
        if (!ok || is_over)
            return ok;
        if (!interrupt_sleep(PAUSE_MS << size_min((size_t)try, 5), err))
            return false;
    }
}

bool
gcs_publish(Destination *base, const UploadRef *ref, PublishResult *out, Error *err)
{
    Publishing publishing = {
        .dest = (GcsDestination *)base,
        .ref = ref,
        .name = gcs_object_name((GcsDestination *)base, ref->key),
        .first_kept = ref->size_bytes - ref->tail_bytes,
        .persisted = ref->size_bytes - ref->tail_bytes,
    };

    FAULT_POINT("gcs.publish.before");
    bool ok = ref->reference[0] == '\0' ? settle_by_key(&publishing, out, err)
                                        : finish_session(&publishing, out, err);
    FAULT_POINT("gcs.publish.done");
    free(publishing.name);
    return ok;
}

bool
gcs_probe(Destination *base, const UploadRef *ref, ProbeResult *out, Error *err)
{
    GcsDestination *dest = (GcsDestination *)base;
    char *name = gcs_object_name(dest, ref->key);
    GcsObject object = {0};

    bool ok = gcs_object_look(dest, name, false, &object, err);
    *out = !object.exists                     ? PROBE_ABSENT
           : gcs_object_is_ours(&object, ref) ? PROBE_OURS
                                              : PROBE_FOREIGN;
    free(name);
    return ok;
}

/* A session that cannot be cancelled may be one that finished; its object proves that. */
static bool
remove_if_ours(GcsDestination *dest, const char *name, const UploadRef *ref, bool is_stopped,
               Error *err)
{
    GcsObject object = {0};

    if (!gcs_object_look(dest, name, true, &object, err))
        return false;
    if (gcs_object_is_ours(&object, ref))
        return gcs_object_remove(dest, name, &object, err);
    return is_stopped || gcs_fail(dest, GCS_CANCEL, name, ERR_UNAVAILABLE,
                                  "the store refuses to end it (HTTP 400)", err);
}

/* The session first: as long as it lives, a request of a dead process may still finish it. A part
 * that never was sealed cannot have become an object. */
bool
gcs_abort(Destination *base, const UploadRef *ref, Error *err)
{
    GcsDestination *dest = (GcsDestination *)base;
    char *name = gcs_object_name(dest, ref->key);
    bool is_stopped = true;

    FAULT_POINT("gcs.abort.before");
    bool ok = (ref->reference[0] == '\0' ||
               gcs_session_cancel(dest, ref->reference, name, &is_stopped, err)) &&
              ((is_stopped && !ref->is_sealed) || remove_if_ours(dest, name, ref, is_stopped, err));
    FAULT_POINT("gcs.abort.done");
    free(name);
    return ok;
}
