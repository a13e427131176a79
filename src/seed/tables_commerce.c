/* tables_commerce.c: users, their orders and their events. */
#include "pools.h"
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- users --- */

static const char *const JOB_TITLES[] = {
    "Accountant",
    "Architect",
    "Biologist",
    "Chef",
    "Civil engineer",
    "Copywriter",
    "Data analyst",
    "Dentist",
    "Editor",
    "Electrician",
    "Game designer",
    "Librarian",
    "Nurse",
    "Pharmacist",
    "Photographer",
    "Product manager",
    "Software engineer",
    "Support engineer",
    "Teacher",
    "Translator",
};

static uint64_t
user_units(const SeedPlan *plan)
{
    return plan->user_count;
}

static void
user_fill(const SeedPlan *plan, uint64_t unit, Random *random, Row *row)
{
    Person person = person_pick(random);
    int64_t created_s = pool_second(random, YEAR_2023_S, YEAR_2025_S);

    (void)plan;
    person_name(row, person);
    person_email(row, random, person, unit);
    row_number(row, random_between(random, 18, 65));
    row_number(row, random_between(random, 0, 20000000));
    row_number(row, random_chance(random, 90));
    if (random_chance(random, 70))
        row_text(row, RANDOM_PICK(random, JOB_TITLES));
    else
        row_null(row);
    row_number(row, created_s);
    row_number(row, created_s + pool_days(random, 180));
}

static const Column USER_COLUMNS[] = {
    {"id", COLUMN_INT32},
    {"name", COLUMN_TEXT},
    {"email", COLUMN_TEXT},
    {"age", COLUMN_INT32},
    {"balance", COLUMN_DECIMAL2},
    {"is_active", COLUMN_BOOL},
    {"bio", COLUMN_TEXT},
    {"created_at", COLUMN_TIMESTAMP},
    {"updated_at", COLUMN_TIMESTAMP},
};

const Table TABLE_USERS = {
    .name = "users",
    .stream = 1,
    .columns = USER_COLUMNS,
    .column_count = sizeof(USER_COLUMNS) / sizeof(USER_COLUMNS[0]),
    .id_is_generated = true,
    .progress_units = 50000,
    .unit_count = user_units,
    .fill = user_fill,
};

/* --- orders --- */

/* Inch marks, an apostrophe and commas: what makes CSV and SQL quoting go wrong. */
static const char *const PRODUCTS[] = {
    "24\" Monitor",
    "27\" Monitor, curved",
    "13\" Laptop sleeve",
    "15\" Laptop",
    "10\" Tablet",
    "55\" Television",
    "6\" Phone case",
    "Mechanical keyboard",
    "Wireless mouse",
    "USB-C hub, 7 ports",
    "Docking station",
    "Webcam",
    "Noise-free headphones",
    "Desk lamp",
    "Standing desk",
    "Office chair",
    "Artist's pen",
    "Graphics tablet",
    "External disk, 2 TB",
    "Memory card",
    "Power bank",
    "Wall charger",
    "HDMI cable, 3 m",
    "Network switch",
    "Wi-Fi router",
    "Laser printer",
    "Ink cartridge",
    "Paper shredder",
    "Smart plug",
    "Portable speaker",
};

static const char *const ORDER_STATES[] = {"pending", "shipped", "delivered", "cancelled"};

static const char *const ORDER_NOTES[] = {
    "Leave at the door",    "Gift wrap, please",
    "Call before delivery", "Fragile",
    "Second floor",         "Express delivery",
    "Deliver after 18:00",  "No invoice in the box",
    "Ring the lower bell",  "Combine with my other order",
};

static uint64_t
order_rows(const SeedPlan *plan, uint64_t unit, Random *random)
{
    (void)unit;
    return random_poisson(random, plan->orders_per_user);
}

static void
order_fill(const SeedPlan *plan, uint64_t unit, Random *random, Row *row)
{
    int64_t ordered_s = pool_second(random, YEAR_2023_S, YEAR_2025_S);

    (void)plan;
    row_number(row, (int64_t)unit + 1);
    row_text(row, RANDOM_PICK(random, PRODUCTS));
    row_number(row, random_between(random, 1, 10));
    row_number(row, random_between(random, 500, 500000));
    row_text(row, RANDOM_PICK(random, ORDER_STATES));
    if (random_chance(random, 40))
        row_text(row, RANDOM_PICK(random, ORDER_NOTES));
    else
        row_null(row);
    row_number(row, ordered_s);
    row_number(row, ordered_s + pool_days(random, 30));
}

static const Column ORDER_COLUMNS[] = {
    {"id", COLUMN_INT32},       {"user_id", COLUMN_INT32},        {"product", COLUMN_TEXT},
    {"quantity", COLUMN_INT32}, {"price", COLUMN_DECIMAL2},       {"status", COLUMN_TEXT},
    {"notes", COLUMN_TEXT},     {"ordered_at", COLUMN_TIMESTAMP}, {"updated_at", COLUMN_TIMESTAMP},
};

const Table TABLE_ORDERS = {
    .name = "orders",
    .stream = 2,
    .columns = ORDER_COLUMNS,
    .column_count = sizeof(ORDER_COLUMNS) / sizeof(ORDER_COLUMNS[0]),
    .id_is_generated = true,
    .progress_units = 50000,
    .unit_count = user_units,
    .row_count = order_rows,
    .fill = order_fill,
};

/* --- events --- */

typedef enum EventKind {
    EVENT_LOGIN,
    EVENT_LOGOUT,
    EVENT_PAGE_VIEW,
    EVENT_PURCHASE,
    EVENT_SIGNUP,
    EVENT_SEARCH,
    EVENT_OTHER, /* and all that follow */
} EventKind;

static const char *const EVENT_TYPES[] = {
    "login",  "logout",          "page_view",      "purchase", "signup",
    "search", "settings_change", "password_reset", "export",   "api_call",
};

static const char *const EVENT_DEVICES[] = {"desktop", "mobile", "tablet"};
static const char *const EVENT_BROWSERS[] = {"Chrome", "Firefox", "Safari", "Edge"};
static const char *const EVENT_PAGES[] = {"/",        "/pricing", "/products", "/cart",
                                          "/account", "/help",    "/blog",     "/search"};
static const char *const EVENT_PLANS[] = {"free", "pro", "enterprise"};
static const char *const EVENT_QUERIES[] = {
    "monitor", "usb hub", "desk \\\"oak\\\"", "laptop 15", "printer", "cable 3m", "chair", "lamp"};
static const char *const EVENT_ACTIONS[] = {"started", "confirmed", "completed", "failed"};

/* Numbers are drawn into variables first: C leaves the order of arguments open. */
static void
event_payload(Random *random, size_t kind, Row *row)
{
    const char *word;
    int64_t number;
    int64_t cents;

    switch (kind) {
    case EVENT_LOGIN:
    case EVENT_LOGOUT:
        word = RANDOM_PICK(random, EVENT_DEVICES);
        row_format(row, "{\"device\": \"%s\", \"browser\": \"%s\"}", word,
                   RANDOM_PICK(random, EVENT_BROWSERS));
        break;
    case EVENT_PAGE_VIEW:
        word = RANDOM_PICK(random, EVENT_PAGES);
        row_format(row, "{\"page\": \"%s\", \"duration_ms\": %" PRId64 "}", word,
                   random_between(random, 500, 59999));
        break;
    case EVENT_PURCHASE:
        number = random_between(random, 1, 1000000);
        cents = random_between(random, 500, 500000);
        row_format(row, "{\"order_id\": %" PRId64 ", \"amount\": %" PRId64 ".%02d}", number,
                   cents / 100, (int)(cents % 100));
        break;
    case EVENT_SIGNUP:
        row_format(row, "{\"plan\": \"%s\"}", RANDOM_PICK(random, EVENT_PLANS));
        break;
    case EVENT_SEARCH:
        word = RANDOM_PICK(random, EVENT_QUERIES);
        row_format(row, "{\"query\": \"%s\", \"results\": %" PRId64 "}", word,
                   random_between(random, 0, 500));
        break;
    default:
        row_format(row, "{\"action\": \"%s\"}", RANDOM_PICK(random, EVENT_ACTIONS));
        break;
    }
}

/* Units past the last user are one recent event each. */
static uint64_t
event_units(const SeedPlan *plan)
{
    return plan->user_count + plan->recent_event_count;
}

static uint64_t
event_rows(const SeedPlan *plan, uint64_t unit, Random *random)
{
    return unit < plan->user_count ? random_poisson(random, plan->events_per_user) : 1;
}

/* Evenly over the three days before the start of the program, oldest first. */
static int64_t
recent_second(const SeedPlan *plan, uint64_t recent)
{
    double age = (double)(plan->recent_event_count - recent) / (double)plan->recent_event_count;
    return plan->started_s - (int64_t)(age * 3 * SECONDS_PER_DAY);
}

static void
event_fill(const SeedPlan *plan, uint64_t unit, Random *random, Row *row)
{
    bool is_recent = unit >= plan->user_count;
    size_t kind = (size_t)random_between(random, 0, 9);

    if (is_recent)
        row_number(row, (int64_t)((unit - plan->user_count) % plan->user_count) + 1);
    else
        row_number(row, (int64_t)unit + 1);
    row_text(row, EVENT_TYPES[kind]);
    event_payload(random, kind, row);
    pool_ip_address(row, random);
    if (is_recent)
        row_number(row, recent_second(plan, unit - plan->user_count));
    else
        row_number(row, pool_second(random, YEAR_2023_S, YEAR_2025_S));
}

static const Column EVENT_COLUMNS[] = {
    {"id", COLUMN_INT64},     {"user_id", COLUMN_INT32},   {"event_type", COLUMN_TEXT},
    {"payload", COLUMN_JSON}, {"ip_address", COLUMN_TEXT}, {"created_at", COLUMN_TIMESTAMP},
};

const Table TABLE_EVENTS = {
    .name = "events",
    .stream = 3,
    .columns = EVENT_COLUMNS,
    .column_count = sizeof(EVENT_COLUMNS) / sizeof(EVENT_COLUMNS[0]),
    .id_is_generated = true,
    .progress_units = 50000,
    .unit_count = event_units,
    .row_count = event_rows,
    .fill = event_fill,
};
