/* table_page_views.c: a wide table, thirty columns of every common kind. */
#include "pools.h"
#include "table.h"

#include <string.h>

static const char *const URLS[] = {
    "/",
    "/about",
    "/account",
    "/account/orders",
    "/account/settings",
    "/blog",
    "/blog/choosing-a-monitor",
    "/blog/cable-guide",
    "/blog/year-in-review",
    "/careers",
    "/cart",
    "/checkout",
    "/checkout/payment",
    "/checkout/thanks",
    "/contact",
    "/docs",
    "/docs/api",
    "/docs/getting-started",
    "/help",
    "/help/returns",
    "/pricing",
    "/products",
    "/products/keyboards?sort=price&page=2",
    "/products/monitors",
    "/search?q=usb%20hub",
    "/signup",
};

/* Direct visits are three tenths of those that have a referrer at all. */
static const char *const REFERRERS[] = {
    "(direct)",
    "(direct)",
    "(direct)",
    "https://search.example.com/",
    "https://search.example.org/results",
    "https://news.example.net/today",
    "https://social.example.com/feed",
    "https://forum.example.org/t/4711",
    "https://mail.example.com/inbox",
    "https://partner.example.net/offers",
};

static const char *const USER_AGENTS[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko Firefox/121.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2) Version/17.2 Safari/605.1.15",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2) Chrome/120.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko Firefox/121.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2) Version/17.2 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Edg/120.0",
};

static const char *const COUNTRIES[] = {"US", "DE", "GB", "FR", "ES", "JP", "BR", "IN", "CA", "AU"};

static const char *const REGIONS[] = {
    "Bavaria",   "California", "Catalonia",       "England", "Île-de-France",
    "Karnataka", "Kantō",      "New South Wales", "Ontario", "São Paulo",
};

static const char *const CITIES[] = {
    "Barcelona", "Bengaluru", "London", "München",       "Paris",
    "São Paulo", "Sydney",    "Tokyo",  "San Francisco", "Toronto",
};

static const char *const DEVICES[] = {"desktop", "mobile", "tablet"};
static const char *const BROWSERS[] = {"Chrome", "Firefox", "Safari", "Edge", "Opera", "Samsung"};
static const char *const SYSTEMS[] = {"Windows", "macOS", "Linux", "iOS", "Android"};
static const char *const UTM_SOURCES[] = {"search", "newsletter", "social", "partner", "podcast"};
static const char *const UTM_MEDIUMS[] = {"cpc", "email", "organic", "referral"};
static const char *const UTM_CAMPAIGNS[] = {"spring_sale", "summer_sale", "launch",
                                            "back_to_school", "year_end"};
static const char *const AB_TESTS[] = {
    "{\"ab_test\": \"control\"}",
    "{\"ab_test\": \"variant_a\"}",
    "{\"ab_test\": \"variant_b\"}",
};

static uint64_t
page_view_units(const SeedPlan *plan)
{
    return plan->page_view_count;
}

/* 8-4-4-4-12 hex digits of 128 random bits. */
static void
session_id(Row *row, Random *random)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = 0;
    char text[36];

    for (int i = 0, drawn = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            text[i] = '-';
            continue;
        }
        if (drawn++ % 16 == 0)
            bits = random_next(random);
        text[i] = digits[bits & 15];
        bits >>= 4;
    }
    row_append(row, text, sizeof(text));
    row_end_text(row);
}

static void
visitor(const SeedPlan *plan, Random *random, Row *row)
{
    session_id(row, random);
    if (plan->user_count > 0 && random_chance(random, 70))
        row_number(row, random_between(random, 1, (int64_t)plan->user_count));
    else
        row_null(row);
    row_text(row, RANDOM_PICK(random, URLS));
    if (random_chance(random, 60))
        row_text(row, RANDOM_PICK(random, REFERRERS));
    else
        row_null(row);
    row_text(row, RANDOM_PICK(random, USER_AGENTS));
    pool_ip_address(row, random);
    row_text(row, RANDOM_PICK(random, COUNTRIES));
    row_text(row, RANDOM_PICK(random, REGIONS));
    row_text(row, RANDOM_PICK(random, CITIES));
    row_text(row, RANDOM_PICK(random, DEVICES));
    row_text(row, RANDOM_PICK(random, BROWSERS));
    row_text(row, RANDOM_PICK(random, SYSTEMS));
}

static void
measurements(Random *random, Row *row)
{
    int64_t width = random_between(random, 320, 3839);
    int64_t height = random_between(random, 568, 2159);
    int64_t load_ms = random_between(random, 100, 14999);

    row_number(row, width);
    row_number(row, height);
    row_number(row, random_between(random, width / 2, width));
    row_number(row, random_between(random, height / 2, height));
    row_number(row, load_ms);
    row_number(row, random_between(random, 50, load_ms));
    row_number(row, random_between(random, 500, 299999));
    row_number(row, random_between(random, 0, 100));
    row_number(row, random_between(random, 0, 50));
    row_number(row, random_chance(random, 35));
}

static void
campaign(Random *random, Row *row)
{
    bool has_source = random_chance(random, 40);

    if (has_source) {
        row_text(row, RANDOM_PICK(random, UTM_SOURCES));
        row_text(row, RANDOM_PICK(random, UTM_MEDIUMS));
    } else {
        row_null(row);
        row_null(row);
    }
    if (has_source && random_chance(random, 60))
        row_text(row, RANDOM_PICK(random, UTM_CAMPAIGNS));
    else
        row_null(row);
    row_null(row); /* utm_term and utm_content: columns that are NULL throughout */
    row_null(row);
}

static void
page_view_fill(const SeedPlan *plan, uint64_t unit, Random *random, Row *row)
{
    (void)unit;
    visitor(plan, random, row);
    measurements(random, row);
    campaign(random, row);
    if (random_chance(random, 30))
        row_text(row, RANDOM_PICK(random, AB_TESTS));
    else
        row_null(row);
    row_number(row, pool_second(random, YEAR_2023_S, YEAR_2025_S));
}

static const Column PAGE_VIEW_COLUMNS[] = {
    {"id", COLUMN_INT64},
    {"session_id", COLUMN_TEXT},
    {"user_id", COLUMN_INT32},
    {"url", COLUMN_TEXT},
    {"referrer", COLUMN_TEXT},
    {"user_agent", COLUMN_TEXT},
    {"ip_address", COLUMN_TEXT},
    {"country_code", COLUMN_TEXT},
    {"region", COLUMN_TEXT},
    {"city", COLUMN_TEXT},
    {"device_type", COLUMN_TEXT},
    {"browser", COLUMN_TEXT},
    {"os", COLUMN_TEXT},
    {"screen_width", COLUMN_INT32},
    {"screen_height", COLUMN_INT32},
    {"viewport_width", COLUMN_INT32},
    {"viewport_height", COLUMN_INT32},
    {"page_load_ms", COLUMN_INT32},
    {"dom_ready_ms", COLUMN_INT32},
    {"time_on_page_ms", COLUMN_INT32},
    {"scroll_depth_pct", COLUMN_INT16},
    {"click_count", COLUMN_INT16},
    {"is_bounce", COLUMN_BOOL},
    {"utm_source", COLUMN_TEXT},
    {"utm_medium", COLUMN_TEXT},
    {"utm_campaign", COLUMN_TEXT},
    {"utm_term", COLUMN_TEXT},
    {"utm_content", COLUMN_TEXT},
    {"custom_props", COLUMN_JSON},
    {"created_at", COLUMN_TIMESTAMP},
};

const Table TABLE_PAGE_VIEWS = {
    .name = "page_views",
    .stream = 4,
    .columns = PAGE_VIEW_COLUMNS,
    .column_count = sizeof(PAGE_VIEW_COLUMNS) / sizeof(PAGE_VIEW_COLUMNS[0]),
    .id_is_generated = true,
    .progress_units = 500000,
    .unit_count = page_view_units,
    .fill = page_view_fill,
};
