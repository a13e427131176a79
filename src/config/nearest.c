#include "config/nearest.h"

enum { MAX_LENGTH = 48 };

/* Optimal string alignment over three rows; both texts at most MAX_LENGTH bytes. */
static size_t
edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][MAX_LENGTH + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *now = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = size_min(size_min(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = size_min(now[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[b_length];
}

void
nearest_offer(Nearest *nearest, const char *candidate)
{
    size_t wanted_length = strlen(nearest->wanted);
    size_t length = strlen(candidate);

    if (wanted_length > MAX_LENGTH || length > MAX_LENGTH)
        return;
    size_t limit = size_min(size_max(wanted_length / 3, 1), 3);
    size_t distance = edit_distance(nearest->wanted, wanted_length, candidate, length);
    if (distance > limit || (nearest->best != NULL && distance >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}
