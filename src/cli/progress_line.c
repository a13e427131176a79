#include "cli/progress_line.h"

#include "cli/report.h"

/* Columns of a line without its name, bar and chunks: two blanks and the widest text. */
enum {
    NAME_MIN = 12,
    NAME_MAX = 40,
    PERCENT_WIDTH = 4, /* "100%" */
    COUNT_WIDTH = 5,   /* "99.9M" */
    RATE_WIDTH = COUNT_WIDTH + 2,
    ROWS_WIDTH = COUNT_WIDTH + 5,
    BYTES_WIDTH = 9, /* "1023.9 MB" */
    TIME_WIDTH = 12, /* "ETA 10:02:03" */
    GAP = 2,
    BAR_MIN = 8,
    BAR_MAX = 24,
    COLUMN_TEXT_BYTES = 64,
};

static const char GREEN[] = "\033[32m";
static const char DIM[] = "\033[2m";
static const char RESET[] = "\033[0m";

/* ---- numbers ---- */

/* At most COUNT_WIDTH wide up to 999G. */
static void
short_count(double count, char text[COLUMN_TEXT_BYTES])
{
    static const char *const UNITS[] = {"", "K", "M", "G", "T"};
    size_t unit = 0;

    if (count < 9999.5) {
        snprintf(text, COLUMN_TEXT_BYTES, "%.0f", count);
        return;
    }
    while (count >= 999.5 && unit + 1 < ARRAY_LENGTH(UNITS)) {
        count /= 1000;
        unit++;
    }
    snprintf(text, COLUMN_TEXT_BYTES, count < 99.95 ? "%.1f%s" : "%.0f%s", count, UNITS[unit]);
}

void
progress_append_time(int64_t seconds, Buffer *out)
{
    if (seconds < 3600)
        buffer_append_format(out, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    else
        buffer_append_format(out, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                             seconds / 60 % 60, seconds % 60);
}

/* An estimate that is already passed says nothing. */
double
progress_fraction(const ProgressFacts *facts)
{
    if (facts->row_estimate > 0 && facts->rows <= facts->row_estimate && facts->chunks_before == 0)
        return (double)facts->rows / (double)facts->row_estimate;
    if (facts->chunk_count > 0)
        return (double)facts->chunks_done / (double)facts->chunk_count;
    return -1;
}

int64_t
progress_left_s(const ProgressFacts *facts)
{
    static const double LONGEST_S = 99.0 * 3600;
    double before =
        facts->chunk_count == 0 ? 0 : (double)facts->chunks_before / (double)facts->chunk_count;
    double fraction = progress_fraction(facts);
    double done = fraction - before; /* by this process */

    if (fraction < 0 || done <= 0 || facts->elapsed_ms <= 0)
        return -1;
    double left_s = (double)facts->elapsed_ms / 1000 * (1 - fraction) / done;
    return left_s > LONGEST_S ? -1 : (int64_t)(left_s + 0.5);
}

/* ---- layout ---- */

static size_t
digits(uint64_t number)
{
    char text[COLUMN_TEXT_BYTES];

    return (size_t)snprintf(text, sizeof(text), "%" PRIu64, number);
}

static size_t
fixed_width(const ProgressLayout *layout)
{
    size_t width = GAP + PERCENT_WIDTH + GAP + ROWS_WIDTH + GAP + TIME_WIDTH;

    width += layout->has_rate ? GAP + RATE_WIDTH : 0;
    width += layout->has_bytes ? GAP + BYTES_WIDTH : 0;
    width += layout->chunks_width > 0 ? GAP + layout->chunks_width : 0;
    return width;
}

/* Narrow terminals lose bytes first, then the rate, then the chunks. */
static void
drop_one(ProgressLayout *layout)
{
    if (layout->has_bytes)
        layout->has_bytes = false;
    else if (layout->has_rate)
        layout->has_rate = false;
    else
        layout->chunks_width = 0;
}

ProgressLayout
progress_layout(const ProgressFacts *facts, size_t count, size_t columns, bool has_colour)
{
    ProgressLayout layout = {.has_bytes = true, .has_rate = true, .has_colour = has_colour};
    size_t name = NAME_MIN;

    for (size_t i = 0; i < count; i++) {
        name = size_max(name, size_min(strlen(facts[i].name), NAME_MAX));
        if (facts[i].chunk_count > 0)
            layout.chunks_width = size_max(layout.chunks_width,
                                           2 * digits(facts[i].chunk_count) + strlen("/ chunks"));
    }
    while (fixed_width(&layout) + NAME_MIN >= columns &&
           (layout.has_bytes || layout.has_rate || layout.chunks_width > 0))
        drop_one(&layout);
    size_t room = columns > fixed_width(&layout) + 1 ? columns - fixed_width(&layout) - 1 : 1;
    layout.name_width = size_min(name, room);
    room -= layout.name_width;
    if (room >= GAP + BAR_MIN)
        layout.bar_width = size_min(room - GAP, BAR_MAX);
    return layout;
}

/* ---- the line ---- */

static void
append_coloured(const ProgressLayout *layout, const char *colour, const char *text, Buffer *out)
{
    buffer_append_format(out, "%s%s%s", layout->has_colour ? colour : "", text,
                         layout->has_colour ? RESET : "");
}

/* Right-aligned; the colour does not count. */
static void
append_column(const ProgressLayout *layout, size_t width, const char *colour, const char *text,
              Buffer *out)
{
    size_t length = strlen(text);
    int blanks = (int)(GAP + (length < width ? width - length : 0));

    buffer_append_format(out, "%*s", blanks, "");
    if (colour == NULL || length == 0)
        buffer_append_text(out, text);
    else
        append_coloured(layout, colour, text, out);
}

static void
append_name(const ProgressLayout *layout, const char *name, Buffer *out)
{
    int width = (int)layout->name_width;

    if (strlen(name) <= layout->name_width)
        buffer_append_format(out, "%-*s", width, name);
    else
        buffer_append_format(out, "%.*s…", width - 1, name);
}

static void
append_bar(const ProgressLayout *layout, double fraction, Buffer *out)
{
    char bar[BAR_MAX + 1];
    size_t inside = layout->bar_width - 2;
    size_t full = fraction < 0 ? 0 : size_min((size_t)(fraction * (double)inside), inside);

    if (fraction < 0) {
        append_column(layout, layout->bar_width, NULL, "", out);
        return;
    }
    memset(bar, ' ', layout->bar_width);
    bar[0] = '[';
    memset(bar + 1, '=', full);
    if (full < inside)
        bar[1 + full] = '>';
    bar[layout->bar_width - 1] = ']';
    bar[layout->bar_width] = '\0';
    append_column(layout, layout->bar_width, GREEN, bar, out);
}

static void
append_percent(const ProgressLayout *layout, double fraction, Buffer *out)
{
    char text[COLUMN_TEXT_BYTES] = "";

    if (fraction >= 0)
        snprintf(text, sizeof(text), "%d%%", (int)(fraction * 100));
    append_column(layout, PERCENT_WIDTH, GREEN, text, out);
}

static void
append_chunks(const ProgressLayout *layout, const ProgressFacts *facts, Buffer *out)
{
    char text[COLUMN_TEXT_BYTES] = "";

    if (layout->chunks_width == 0)
        return;
    if (facts->chunk_count > 0)
        snprintf(text, sizeof(text), "%" PRIu64 "/%" PRIu64 " chunks", facts->chunks_done,
                 facts->chunk_count);
    append_column(layout, layout->chunks_width, NULL, text, out);
}

/* What is left, else what has passed. */
static void
append_times(const ProgressLayout *layout, const ProgressFacts *facts, Buffer *out)
{
    int64_t left_s = progress_left_s(facts);
    Buffer text = {0};

    if (facts->phase == PROGRESS_DELIVERING) {
        buffer_append_text(&text, "delivering");
    } else if (facts->phase == PROGRESS_CONNECTING) {
        buffer_append_text(&text, "starting");
    } else {
        buffer_append_text(&text, left_s >= 0 ? "ETA " : "");
        progress_append_time(left_s >= 0 ? left_s : facts->elapsed_ms / 1000, &text);
    }
    append_column(layout, TIME_WIDTH, DIM, buffer_text(&text), out);
    buffer_release(&text);
}

void
progress_append_line(const ProgressLayout *layout, const ProgressFacts *facts, Buffer *out)
{
    double fraction = progress_fraction(facts);
    char count[COLUMN_TEXT_BYTES];
    char text[COLUMN_TEXT_BYTES + 8];

    append_name(layout, facts->name, out);
    if (layout->bar_width > 0)
        append_bar(layout, fraction, out);
    append_percent(layout, fraction, out);
    short_count((double)facts->rows, count);
    snprintf(text, sizeof(text), "%s rows", count);
    append_column(layout, ROWS_WIDTH, NULL, text, out);
    if (layout->has_rate) {
        short_count(facts->rows_per_s, count);
        snprintf(text, sizeof(text), "%s/s", count);
        append_column(layout, RATE_WIDTH, DIM, text, out);
    }
    if (layout->has_bytes) {
        report_human_size(facts->bytes, text);
        append_column(layout, BYTES_WIDTH, NULL, text, out);
    }
    append_chunks(layout, facts, out);
    append_times(layout, facts, out);
    buffer_append_byte(out, '\n');
}

void
progress_append_sentence(const ProgressFacts *facts, Buffer *out)
{
    double fraction = progress_fraction(facts);
    int64_t left_s = progress_left_s(facts);
    char text[HUMAN_BYTES];

    report_human_size(facts->bytes, text);
    buffer_append_format(out, "export '%s': %" PRIu64 " rows, %.0f rows/s, %s", facts->name,
                         facts->rows, facts->rows_per_s, text);
    if (facts->chunk_count > 0)
        buffer_append_format(out, ", %" PRIu64 "/%" PRIu64 " chunks", facts->chunks_done,
                             facts->chunk_count);
    if (fraction >= 0)
        buffer_append_format(out, ", %d%%", (int)(fraction * 100));
    if (left_s >= 0) {
        buffer_append_text(out, ", ETA ");
        progress_append_time(left_s, out);
    }
    if (facts->phase == PROGRESS_DELIVERING)
        buffer_append_text(out, ", delivering");
}
