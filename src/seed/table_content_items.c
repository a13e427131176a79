/* table_content_items.c: articles of several kilobytes, twice over (text and HTML), with JSON. */
#include "pools.h"
#include "table.h"

#include <inttypes.h>
#include <string.h>

static const char *const TITLES[] = {
    "How a small team keeps a large archive in order",
    "Reading the weather from old shipping records",
    "What the harbour master learned from the tides",
    "Seven ways to repair a bicycle on the road",
    "Why mountain huts still bake their own bread",
    "A beginner's guide to printing with wood type",
    "The quiet return of the overnight sleeper train",
    "Notes on growing tomatoes in a northern garden",
    "Mapping a city by the sound of its markets",
    "The engineers who measure bridges by night",
    "Choosing glass for a greenhouse that lasts a century",
    "Letters from the last lighthouse on the coast",
    "Counting birds: one winter on the salt marshes",
    "When the river museum opened all of its drawers",
    "From sketch to shelf: making a picture book",
};

/* ASCII, 56 to 90 characters; a sentence ends where ". " is. */
static const char *const SENTENCES[] = {
    "The morning boats returned with lighter nets than anybody expected.",
    "Every measurement was written down twice and compared before supper.",
    "Several volunteers arrived early to prepare the tables and the lamps.",
    "A careful reader will notice that the second column begins at zero.",
    "Nothing in the workshop is thrown away before somebody has asked about it.",
    "Craftsmanship, apprenticeship, stubbornness: nothing else.",
    "Rain delayed the opening, but the visitors stayed until the evening bells.",
    "Her notebook mentions forty-two crossings, three of them during storms.",
    "Between both villages there is still only one road that stays open in winter.",
    "Apprentices learn to sharpen the tools long before they are allowed to cut anything.",
    "Prices were painted on wooden boards and corrected with chalk whenever neighbours argued.",
    "Distinguishing genuine repairs from well-meant decoration requires considerable patience.",
    "Later editions quietly dropped the chapter concerning underground water.",
    "Most of the instruments survived because nobody considered them valuable.",
    "The committee published its report in spring and replied to letters all summer.",
    "Travellers describe the same valley differently depending on the season.",
};

static const char *const TAGS[] = {"archive", "craft",  "food",    "garden", "history",
                                   "nature",  "travel", "science", "books"};
static const char *const CATEGORIES[] = {"culture", "engineering", "environment", "food",
                                         "history", "nature",      "people",      "science",
                                         "travel",  "work"};
static const char *const ITEM_STATES[] = {"draft", "review", "published", "archived"};
static const char *const LANGUAGES[] = {"en", "de", "fr", "es", "ja"};
static const char *const SOURCE_SYSTEMS[] = {"editor", "import", "feed", "archive"};

enum { MAX_SENTENCES = 160, FIRST_PUBLISHED_STATE = 2 };

/* Sentences by number, so that text and HTML can both be written from them. */
typedef struct Body {
    size_t count;
    uint8_t sentences[MAX_SENTENCES];
    int word_count;
} Body;

static int
count_words(const char *sentence)
{
    int words = 1;
    for (const char *c = sentence; (c = strchr(c, ' ')) != NULL; c++)
        words++;
    return words;
}

static void
body_draw(Body *body, Random *random)
{
    size_t target = (size_t)random_between(random, 2000, 7999);
    size_t length = 0;

    body->count = 0;
    body->word_count = 0;
    while (length < target) {
        size_t number = (size_t)random_between(random, 0, 15);
        length += strlen(SENTENCES[number]) + (body->count > 0);
        body->sentences[body->count++] = (uint8_t)number;
        body->word_count += count_words(SENTENCES[number]);
    }
}

static void
body_text(const Body *body, Row *row)
{
    for (size_t i = 0; i < body->count; i++) {
        if (i > 0)
            row_append(row, " ", 1);
        row_append_text(row, SENTENCES[body->sentences[i]]);
    }
    row_end_text(row);
}

static void
body_html(const Body *body, const char *title, Row *row)
{
    row_append_text(row, "<!DOCTYPE html>\n<html><head><title>");
    row_append_text(row, title);
    row_append_text(row, "</title></head>\n<body>\n");
    for (size_t i = 0; i < body->count; i++) {
        row_append_text(row, "  <p>");
        row_append_text(row, SENTENCES[body->sentences[i]]);
        row_append_text(row, "</p>\n");
    }
    row_append_text(row, "</body></html>\n");
    row_end_text(row);
}

static void
metadata(Random *random, const Body *body, uint64_t unit, Row *row)
{
    int version = (int)random_between(random, 1, 9);
    int seo_score = (int)random_between(random, 0, 100);
    const char *featured = random_chance(random, 20) ? "true" : "false";
    const char *comments = random_chance(random, 80) ? "true" : "false";

    row_format(row,
               "{\"reading_time_min\": %d, \"version\": %d, \"seo_score\": %d, \"featured\": %s, "
               "\"allow_comments\": %s, \"og_image\": \"https://images.example.com/%" PRIu64
               ".jpg\", \"canonical_url\": \"https://www.example.com/articles/%" PRIu64 "\"}",
               body->word_count / 200 + 1, version, seo_score, featured, comments, unit + 1,
               unit + 1);
}

static void
tags(Random *random, Row *row)
{
    int64_t count = random_between(random, 1, 4);

    for (int64_t i = 0; i < count; i++) {
        if (i > 0)
            row_append(row, ",", 1);
        row_append_text(row, RANDOM_PICK(random, TAGS));
    }
    row_end_text(row);
}

static void
times(Random *random, size_t state, Row *row)
{
    int64_t created_s = pool_second(random, YEAR_2022_S, YEAR_2025_S);
    int64_t published_s = created_s + pool_days(random, 30);

    if (state >= FIRST_PUBLISHED_STATE)
        row_number(row, published_s);
    else
        row_null(row);
    row_number(row, created_s + pool_days(random, 365));
    row_number(row, created_s);
}

static void
extra_data(Random *random, uint64_t unit, Row *row)
{
    static const char digits[] = "0123456789";
    int64_t revisions = random_between(random, 1, 9);
    int64_t editors = random_between(random, 1, 3);

    row_append_text(row, "{\"revisions\": ");
    row_append(row, &digits[revisions], 1);
    row_append_text(row, ", \"editors\": [");
    for (int64_t i = 0; i < editors; i++) {
        row_append_text(row, i == 0 ? "\"" : ", \"");
        person_append_email(row, random, person_pick(random), unit);
        row_append(row, "\"", 1);
    }
    row_append_text(row, "], \"source_system\": \"");
    row_append_text(row, RANDOM_PICK(random, SOURCE_SYSTEMS));
    row_append_text(row, "\", ");
    row_format(row, "\"import_batch\": %" PRId64 "}", random_between(random, 1000, 9999));
}

static uint64_t
content_units(const SeedPlan *plan)
{
    return plan->content_item_count;
}

static void
content_fill(const SeedPlan *plan, uint64_t unit, Random *random, Row *row)
{
    const char *title = RANDOM_PICK(random, TITLES);
    Person author = person_pick(random);
    size_t state = (size_t)random_between(random, 0, 3);
    Body body;

    (void)plan;
    body_draw(&body, random);
    row_text(row, title);
    body_text(&body, row);
    body_html(&body, title, row);
    metadata(random, &body, unit, row);
    tags(random, row);
    person_name(row, author);
    person_email(row, random, author, unit);
    row_format(row, "https://www.example.com/source/%05" PRId64,
               random_between(random, 10000, 99999));
    row_text(row, RANDOM_PICK(random, CATEGORIES));
    row_text(row, ITEM_STATES[state]);
    row_number(row, random_between(random, 0, 4));
    row_number(row, random_between(random, 0, 99999));
    row_number(row, random_between(random, 0, 499));
    row_number(row, body.word_count);
    row_text(row, RANDOM_PICK(random, LANGUAGES));
    times(random, state, row);
    extra_data(random, unit, row);
}

static const Column CONTENT_COLUMNS[] = {
    {"id", COLUMN_INT64},
    {"title", COLUMN_TEXT},
    {"body", COLUMN_TEXT},
    {"raw_html", COLUMN_TEXT},
    {"metadata", COLUMN_JSON},
    {"tags", COLUMN_TEXT},
    {"author_name", COLUMN_TEXT},
    {"author_email", COLUMN_TEXT},
    {"source_url", COLUMN_TEXT},
    {"category", COLUMN_TEXT},
    {"status", COLUMN_TEXT},
    {"priority", COLUMN_INT32},
    {"view_count", COLUMN_INT32},
    {"comment_count", COLUMN_INT32},
    {"word_count", COLUMN_INT32},
    {"language", COLUMN_TEXT},
    {"published_at", COLUMN_TIMESTAMP},
    {"updated_at", COLUMN_TIMESTAMP},
    {"created_at", COLUMN_TIMESTAMP},
    {"extra_data", COLUMN_JSON},
};

const Table TABLE_CONTENT_ITEMS = {
    .name = "content_items",
    .stream = 5,
    .columns = CONTENT_COLUMNS,
    .column_count = sizeof(CONTENT_COLUMNS) / sizeof(CONTENT_COLUMNS[0]),
    .id_is_generated = true,
    .batch_rows = 200,
    .progress_units = 50000,
    .unit_count = content_units,
    .fill = content_fill,
};
