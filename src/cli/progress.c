#include "cli/progress.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/progress_line.h"
#include "cli/progress_share.h"
#include "cli/terminal.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::progress"

enum {
    TICK_MS = 125,
    RATE_SAMPLES = 32, /* the last four seconds */
    LINES_BESIDE = 3,  /* of the terminal, that the picture leaves free */
};

/* What is remembered of an export between two looks at it. */
typedef struct Watched {
    const char *name;
    int64_t started_ms; /* 0: not yet */
    struct {
        int64_t at_ms;
        uint64_t rows;
    } samples[RATE_SAMPLES];
    size_t sample_count; /* ever taken */
} Watched;

struct Progress {
    ProgressShare share;
    ExportProgress *inherited; /* a child's; then nothing else is in use */
    Watched *watched;
    size_t count;
    int64_t started_ms;
    int64_t lines_ms; /* when the next log lines are due */
    bool has_picture;
    bool has_thread;
    bool is_stopping;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t stopped;
};

/* ---- looking ---- */

static uint64_t
get(const atomic_uint_fast64_t *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

static bool
is_running(ProgressPhase phase)
{
    return phase != PROGRESS_WAITING && phase != PROGRESS_DONE && phase != PROGRESS_FAILED;
}

static ProgressPhase
phase_of(const Progress *progress, size_t index)
{
    return (ProgressPhase)atomic_load_explicit(&progress->share.items[index].phase,
                                               memory_order_relaxed);
}

/* Rows per second since the oldest sample that is kept. */
static double
sample_rate(Watched *watched, uint64_t rows, int64_t now_ms)
{
    size_t next = watched->sample_count % RATE_SAMPLES;
    size_t oldest = watched->sample_count < RATE_SAMPLES ? 0 : (next + 1) % RATE_SAMPLES;

    watched->samples[next].at_ms = now_ms;
    watched->samples[next].rows = rows;
    watched->sample_count++;
    int64_t span_ms = now_ms - watched->samples[oldest].at_ms;
    uint64_t before = watched->samples[oldest].rows;
    return span_ms <= 0 || rows < before ? 0 : (double)(rows - before) * 1000 / (double)span_ms;
}

static ProgressFacts
look_at(Progress *progress, size_t index, ProgressPhase phase, int64_t now_ms)
{
    const ExportProgress *numbers = &progress->share.items[index];
    Watched *watched = &progress->watched[index];
    uint64_t rows = get(&numbers->rows);

    if (watched->started_ms == 0)
        watched->started_ms = now_ms;
    return (ProgressFacts){
        .name = watched->name,
        .phase = phase,
        /* A failed attempt is being taken back. */
        .rows = rows > INT64_MAX ? 0 : rows,
        .bytes = get(&numbers->bytes) > INT64_MAX ? 0 : get(&numbers->bytes),
        .row_estimate = get(&numbers->row_estimate),
        .chunk_count = get(&numbers->chunk_count),
        .chunks_done = get(&numbers->chunks_done),
        .chunks_before = get(&numbers->chunks_before),
        .rows_per_s = sample_rate(watched, rows, now_ms),
        .elapsed_ms = now_ms - watched->started_ms,
    };
}

/* ---- the picture ---- */

typedef struct Totals {
    size_t done, failed, running;
} Totals;

static size_t
look_at_running(Progress *progress, ProgressFacts *facts, Totals *totals, int64_t now_ms)
{
    *totals = (Totals){0};
    for (size_t i = 0; i < progress->count; i++) {
        ProgressPhase phase = phase_of(progress, i);
        totals->done += phase == PROGRESS_DONE;
        totals->failed += phase == PROGRESS_FAILED;
        if (is_running(phase))
            facts[totals->running++] = look_at(progress, i, phase, now_ms);
    }
    return totals->running;
}

static void
append_totals(const Progress *progress, const Totals *totals, size_t hidden, int64_t now_ms,
              Buffer *out)
{
    Buffer text = {0};

    if (hidden > 0)
        buffer_append_format(&text, "%zu more running, ", hidden);
    buffer_append_format(&text, "%zu of %zu exports done", totals->done, progress->count);
    if (totals->failed > 0)
        buffer_append_format(&text, ", %zu failed", totals->failed);
    buffer_append_text(&text, ", ");
    progress_append_time((now_ms - progress->started_ms) / 1000, &text);
    size_t width = size_min(text.size, terminal_size().columns - 1);
    buffer_append_format(out, "%.*s\n", (int)width, buffer_text(&text));
    buffer_release(&text);
}

static void
draw(Progress *progress)
{
    TerminalSize size = terminal_size();
    ProgressFacts *facts = memory_alloc_zero(progress->count, sizeof(*facts));
    int64_t now_ms = clock_monotonic_ms();
    Totals totals;
    Buffer picture = {0};

    size_t running = look_at_running(progress, facts, &totals, now_ms);
    size_t shown = size_min(running, size.rows > LINES_BESIDE ? size.rows - LINES_BESIDE : 1);
    ProgressLayout layout = progress_layout(facts, shown, size.columns, log_has_colour());
    for (size_t i = 0; i < shown; i++)
        progress_append_line(&layout, &facts[i], &picture);
    if (progress->count > 1)
        append_totals(progress, &totals, running - shown, now_ms, &picture);
    terminal_draw(&picture, shown + (progress->count > 1));
    buffer_release(&picture);
    free(facts);
}

/* ---- log lines ---- */

static void
log_lines(Progress *progress)
{
    int64_t now_ms = clock_monotonic_ms();
    bool is_due = now_ms >= progress->lines_ms;
    Buffer text = {0};

    for (size_t i = 0; i < progress->count; i++) {
        ProgressPhase phase = phase_of(progress, i);
        if (!is_running(phase))
            continue;
        ProgressFacts facts = look_at(progress, i, phase, now_ms);
        if (!is_due || facts.elapsed_ms < (int64_t)PROGRESS_LINE_S * 500)
            continue;
        buffer_reset(&text);
        progress_append_sentence(&facts, &text);
        log_info(MODULE, "%s", buffer_text(&text));
    }
    if (is_due)
        progress->lines_ms = now_ms + (int64_t)PROGRESS_LINE_S * 1000;
    buffer_release(&text);
}

/* ---- the thread ---- */

static struct timespec
after_ms(int64_t ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* False when it is time to end. */
static bool
wait_for_tick(Progress *progress)
{
    struct timespec until = after_ms(TICK_MS);

    pthread_mutex_lock(&progress->mutex);
    while (!progress->is_stopping &&
           pthread_cond_timedwait(&progress->stopped, &progress->mutex, &until) != ETIMEDOUT)
        continue;
    bool goes_on = !progress->is_stopping;
    pthread_mutex_unlock(&progress->mutex);
    return goes_on;
}

static void *
watch(void *argument)
{
    Progress *progress = argument;

    while (wait_for_tick(progress)) {
        if (progress->has_picture)
            draw(progress);
        else
            log_lines(progress);
    }
    return NULL;
}

/* Signals are for the threads that work. */
static bool
start_thread(Progress *progress)
{
    sigset_t all, before;
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&progress->mutex, NULL);
    pthread_cond_init(&progress->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&progress->thread, NULL, watch, progress) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

/* ---- outside ---- */

/* Rows that go to the same terminal, or through a pipe maybe to it, leave no room for a picture. */
static bool
writes_to_screen(const ExportConfig *exports, size_t count)
{
    struct stat about;

    for (size_t i = 0; i < count; i++)
        if (exports[i].destination.kind == DESTINATION_STDOUT)
            return fstat(STDOUT_FILENO, &about) != 0 || !S_ISREG(about.st_mode);
    return false;
}

static bool
wants_picture(const Arguments *arguments, const ExportConfig *exports, size_t count)
{
    bool is_for_programs =
        arguments->log_format != NULL && strcmp(arguments->log_format, "json") == 0;

    return !is_for_programs && !writes_to_screen(exports, count) && terminal_can_redraw();
}

static Progress *
new_progress(const ExportConfig *exports, size_t count, bool has_picture, bool is_for_children)
{
    Progress *progress = memory_alloc_zero(1, sizeof(*progress));

    progress_share_open(&progress->share, count, is_for_children);
    progress->watched = memory_alloc_zero(count, sizeof(*progress->watched));
    progress->count = count;
    progress->has_picture = has_picture;
    progress->started_ms = clock_monotonic_ms();
    progress->lines_ms = progress->started_ms + (int64_t)PROGRESS_LINE_S * 1000;
    for (size_t i = 0; i < count; i++) {
        progress->watched[i].name = exports[i].name;
        atomic_store(&progress->share.items[i].wants_estimate, has_picture);
    }
    return progress;
}

Progress *
progress_start(const Arguments *arguments, const ExportConfig *exports, size_t count,
               bool is_for_children)
{
    ExportProgress *inherited = progress_share_inherited();

    if (inherited != NULL) {
        Progress *child = memory_alloc_zero(1, sizeof(*child));
        child->inherited = inherited;
        return child;
    }
    bool has_picture = wants_picture(arguments, exports, count);
    /* Without a picture each child writes its own log lines. */
    if (arguments->quiet || (is_for_children && !has_picture) ||
        (!has_picture && !log_is_enabled(LOG_INFO, MODULE)))
        return NULL;
    Progress *progress = new_progress(exports, count, has_picture, is_for_children);
    if (has_picture)
        log_set_output(terminal_print);
    progress->has_thread = start_thread(progress);
    return progress;
}

void
progress_stop(Progress *progress)
{
    if (progress == NULL)
        return;
    if (progress->has_thread) {
        pthread_mutex_lock(&progress->mutex);
        progress->is_stopping = true;
        pthread_cond_signal(&progress->stopped);
        pthread_mutex_unlock(&progress->mutex);
        pthread_join(progress->thread, NULL);
        pthread_cond_destroy(&progress->stopped);
        pthread_mutex_destroy(&progress->mutex);
    }
    if (progress->has_picture) {
        terminal_draw(NULL, 0);
        log_set_output(NULL);
    }
    if (progress->inherited == NULL)
        progress_share_close(&progress->share);
    free(progress->watched);
    free(progress);
}

ExportProgress *
progress_of(Progress *progress, size_t index)
{
    if (progress == NULL)
        return NULL;
    return progress->inherited != NULL ? progress->inherited : &progress->share.items[index];
}

bool
progress_has_picture(const Progress *progress)
{
    return progress != NULL && progress->has_picture;
}

const char *
progress_child_variable(const Progress *progress, size_t index, Arena *arena)
{
    return progress == NULL ? NULL : progress_share_variable(&progress->share, index, arena);
}
