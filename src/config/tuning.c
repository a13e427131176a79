#include "config/tuning.h"

typedef struct ProfileValues {
    int64_t batch_size;
    int64_t throttle_ms;
    int64_t statement_timeout_s;
    int64_t max_retries;
    int64_t retry_backoff_ms;
    int64_t lock_timeout_s;
    FetchMethod postgres_fetch;
    FetchMethod mysql_fetch;
} ProfileValues;

static const ProfileValues PROFILES[] = {
    [PROFILE_FAST] = {50000, 0, 0, 1, 1000, 0, FETCH_COPY, FETCH_STREAM},
    [PROFILE_BALANCED] = {10000, 50, 300, 3, 2000, 30, FETCH_CURSOR, FETCH_PAGES},
    [PROFILE_SAFE] = {2000, 500, 120, 5, 5000, 10, FETCH_CURSOR, FETCH_PAGES},
};

/* Equal in every profile. */
enum { DEFAULT_STATEMENT_TARGET_MS = 200, DEFAULT_CONNECT_TIMEOUT_S = 30 };

static OptionalInt
first_set(OptionalInt first, OptionalInt second)
{
    return first.is_set ? first : second;
}

TuningFields
tuning_merge(const TuningFields *source, const TuningFields *export)
{
    return (TuningFields){
        .profile = first_set(export->profile, source->profile),
        .batch_size = first_set(export->batch_size, source->batch_size),
        .batch_size_memory_mb =
            first_set(export->batch_size_memory_mb, source->batch_size_memory_mb),
        .throttle_ms = first_set(export->throttle_ms, source->throttle_ms),
        .statement_timeout_s = first_set(export->statement_timeout_s, source->statement_timeout_s),
        .max_retries = first_set(export->max_retries, source->max_retries),
        .retry_backoff_ms = first_set(export->retry_backoff_ms, source->retry_backoff_ms),
        .lock_timeout_s = first_set(export->lock_timeout_s, source->lock_timeout_s),
        .memory_threshold_mb = first_set(export->memory_threshold_mb, source->memory_threshold_mb),
        .statement_target_ms = first_set(export->statement_target_ms, source->statement_target_ms),
        .connect_timeout_s = first_set(export->connect_timeout_s, source->connect_timeout_s),
        .fetch = first_set(export->fetch, source->fetch),
    };
}

bool
tuning_has_both_batch_fields(const TuningFields *fields)
{
    return fields->batch_size.is_set && fields->batch_size_memory_mb.is_set;
}

bool
tuning_fetch_fits(const TuningFields *fields, SourceKind kind)
{
    if (!fields->fetch.is_set)
        return true;
    switch ((FetchMethod)fields->fetch.value) {
    case FETCH_COPY:
    case FETCH_CURSOR:
        return kind == SOURCE_POSTGRES;
    case FETCH_STREAM:
    case FETCH_PAGES:
        return kind == SOURCE_MYSQL;
    case FETCH_AUTO:
        break;
    }
    return true;
}

static FetchMethod
resolve_fetch(OptionalInt fetch, const ProfileValues *profile, SourceKind kind)
{
    if (fetch.is_set && fetch.value != FETCH_AUTO)
        return (FetchMethod)fetch.value;
    return kind == SOURCE_POSTGRES ? profile->postgres_fetch : profile->mysql_fetch;
}

static int64_t
value_or(OptionalInt field, int64_t otherwise)
{
    return field.is_set ? field.value : otherwise;
}

Tuning
tuning_resolve(const TuningFields *merged, SourceKind kind)
{
    Profile name = (Profile)value_or(merged->profile, PROFILE_BALANCED);
    const ProfileValues *profile = &PROFILES[name];

    return (Tuning){
        .profile = name,
        .is_profile_named = merged->profile.is_set,
        .batch_size = value_or(merged->batch_size, profile->batch_size),
        .batch_size_memory_mb = merged->batch_size_memory_mb,
        .throttle_ms = value_or(merged->throttle_ms, profile->throttle_ms),
        .statement_timeout_s = value_or(merged->statement_timeout_s, profile->statement_timeout_s),
        .max_retries = value_or(merged->max_retries, profile->max_retries),
        .retry_backoff_ms = value_or(merged->retry_backoff_ms, profile->retry_backoff_ms),
        .lock_timeout_s = value_or(merged->lock_timeout_s, profile->lock_timeout_s),
        .memory_threshold_mb = value_or(merged->memory_threshold_mb, 0),
        .fetch = resolve_fetch(merged->fetch, profile, kind),
        .statement_target_ms = value_or(merged->statement_target_ms, DEFAULT_STATEMENT_TARGET_MS),
        .connect_timeout_s = value_or(merged->connect_timeout_s, DEFAULT_CONNECT_TIMEOUT_S),
    };
}
