#include "preflight/doctor.h"

#include <unistd.h>

#include "source/source.h"
#include "state/state.h"
#include "util/clock.h"
#include "util/memory.h"

/* Cursor lags and time windows are counted in seconds; a clock this far off matters to them. */
static const int64_t SKEW_MAX_US = 5000000;

static void
add(Doctor *doctor, Finding finding)
{
    size_t count = doctor->count + 1;

    doctor->findings = memory_resize(doctor->findings, count * sizeof(*doctor->findings));
    doctor->findings[count - 1] = finding;
    doctor->count = count;
    doctor->has_failure |= finding.level == FINDING_FAILURE;
}

static const char *
error_text(Doctor *doctor, const Error *err)
{
    char text[sizeof(err->message) + sizeof(err->context)];

    error_format(err, text, sizeof(text));
    return arena_dup_string(&doctor->arena, text);
}

void
doctor_add_config(Doctor *doctor, const Error *err)
{
    Finding finding = {.kind = "config", .line = "Config parsed successfully"};

    if (err->code != ERR_NONE) {
        finding.level = FINDING_FAILURE;
        finding.message = error_text(doctor, err);
        finding.remedy = doctor_remedy(err, NULL);
        finding.line = arena_format(&doctor->arena, "Config error: %s", finding.message);
    }
    add(doctor, finding);
}

/* ---- source ---- */

static void
add_source_failure(Doctor *doctor, const Error *err)
{
    const char *message = error_text(doctor, err);
    const char *category = doctor_source_category(message);

    add(doctor, (Finding){
                    .level = FINDING_FAILURE,
                    .kind = "source",
                    .category = category,
                    .message = message,
                    .remedy = doctor_remedy(err, category),
                    .line = arena_format(&doctor->arena, "Source %s: %s", category, message),
                });
}

static void
add_clock(Doctor *doctor, int64_t skew_us)
{
    bool is_far = skew_us > SKEW_MAX_US || skew_us < -SKEW_MAX_US;
    double seconds = (double)skew_us / 1e6;
    const char *text =
        arena_format(&doctor->arena, "server's clock %.1f s %s this machine's",
                     seconds < 0 ? -seconds : seconds, seconds < 0 ? "behind" : "ahead of");

    add(doctor,
        (Finding){
            .level = is_far ? FINDING_WARNING : FINDING_OK,
            .kind = "clock",
            .message = text,
            .remedy =
                is_far ? "synchronise both clocks; time windows and file stamps follow them" : NULL,
            .line = arena_format(&doctor->arena, "Clock: %s", text),
        });
}

static void
add_server(Doctor *doctor, const Source *source, const ServerFacts *facts)
{
    bool is_clear = facts->tls == NULL;
    const char *tls = is_clear ? "not in use" : facts->tls;
    const char *server = arena_format(&doctor->arena, "%s at %s%s%s", source->server_version,
                                      source->identity, facts->is_standby ? ", a standby" : "",
                                      facts->is_pooled ? ", behind a pooler" : "");

    add(doctor, (Finding){.kind = "server",
                          .message = server,
                          .line = arena_format(&doctor->arena, "Server: %s", server)});
    if (source->driver->inspect == NULL)
        return;
    add(doctor, (Finding){.kind = "tls",
                          .message = tls,
                          .line = arena_format(&doctor->arena, "TLS: %s", tls)});
}

static bool
ask_source(Doctor *doctor, Source *source, Error *err)
{
    ServerFacts facts;
    int64_t server_us = 0;
    Error ignored = ERROR_INIT;
    int64_t before_us = clock_now_us();

    if (!source_read_clock(source, &server_us, err))
        return false;
    int64_t after_us = clock_now_us();
    add(doctor, (Finding){.kind = "source",
                          .line = source->driver->kind == SOURCE_MYSQL ? "Source auth (Mysql)"
                                                                       : "Source auth (Postgres)"});
    (void)!source_inspect(source, &doctor->arena, &facts, &ignored);
    add_server(doctor, source, &facts);
    add_clock(doctor, server_us - (before_us + (after_us - before_us) / 2));
    return true;
}

static void
examine_source(Doctor *doctor, const Config *config)
{
    SourceAddress address;
    Source *source = NULL;
    Error err = ERROR_INIT;
    const SourceOptions options = {.address = &address,
                                   .tuning = &config->exports[0].tuning,
                                   .max_cell_bytes = (size_t)1024 * 1024};

    bool ok = config_resolve_source(config, &doctor->arena, &address, &err) &&
              source_connect(&options, &source, &err) && ask_source(doctor, source, &err);
    if (!ok)
        add_source_failure(doctor, &err);
    source_close(source);
}

/* ---- state ---- */

static const char *
directory_of(const char *path, Arena *arena)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? "." : arena_dup_bytes(arena, path, (size_t)(slash - path) + 1);
}

static void
examine_state(Doctor *doctor, const char *path)
{
    State *state = NULL;
    Error err = ERROR_INIT;
    Finding finding = {.kind = "state", .message = path};

    bool ok = state_open(path, false, &state, &err);
    bool exists = state != NULL;
    state_close(state);
    const char *written = exists ? path : directory_of(path, &doctor->arena);
    if (ok && access(written, W_OK) != 0)
        ok = error_set(&err, ERR_IO, "%s is not writable", written);
    finding.line =
        arena_format(&doctor->arena, "State: %s%s", path, exists ? "" : " (made by the first run)");
    if (!ok) {
        finding.level = FINDING_FAILURE;
        finding.message = error_text(doctor, &err);
        finding.remedy = doctor_remedy(&err, NULL);
        finding.line = arena_format(&doctor->arena, "State: %s", finding.message);
    }
    add(doctor, finding);
}

/* ---- destinations ---- */

static bool
was_probed(const Config *config, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (doctor_same_destination(&config->exports[i].destination,
                                    &config->exports[j].destination))
            return true;
    return false;
}

static void
examine_destination(Doctor *doctor, const DestinationConfig *config)
{
    Error err = ERROR_INIT;
    Finding finding = {.kind = "destination",
                       .label = doctor_destination_label(config, &doctor->arena)};

    finding.line = arena_format(&doctor->arena, "Destination %s", finding.label);
    if (!doctor_probe_destination(config, &doctor->arena, &err)) {
        finding.level = FINDING_FAILURE;
        finding.message = error_text(doctor, &err);
        finding.category = doctor_destination_category(config->kind, finding.message);
        finding.remedy = doctor_remedy(&err, finding.category);
        finding.line = arena_format(&doctor->arena, "%s -- %s: %s", finding.line, finding.category,
                                    finding.message);
    }
    add(doctor, finding);
}

void
doctor_examine(Doctor *doctor, const Config *config, const char *state_path)
{
    examine_source(doctor, config);
    for (size_t i = 0; i < config->export_count; i++) {
        const DestinationConfig *destination = &config->exports[i].destination;
        if (destination->kind != DESTINATION_STDOUT && !was_probed(config, i))
            examine_destination(doctor, destination);
    }
    examine_state(doctor, state_path);
}

void
doctor_release(Doctor *doctor)
{
    free(doctor->findings);
    arena_release(&doctor->arena);
    *doctor = (Doctor){0};
}
