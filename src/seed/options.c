#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef RIVET_VERSION
#define RIVET_VERSION "0.1.0"
#endif

typedef enum OptionKind { OPTION_COUNT, OPTION_TEXT, OPTION_FLAG, OPTION_TARGET } OptionKind;

typedef struct Option {
    const char *name;
    OptionKind kind;
    size_t offset; /* of the uint64_t, const char *, bool or Target in Options */
    uint64_t min;
    uint64_t max;
    const char *help;
} Option;

#define MAX_ROWS     UINT64_C(1000000000)
#define MAX_PER_USER UINT64_C(10000)
/* ids of users and orders are 32-bit; the margin is for the Poisson sum. */
#define MAX_USERS  UINT64_C(100000000)
#define MAX_ORDERS UINT64_C(2000000000)

#define AT(member) offsetof(Options, member)

/* Parsing, limits and help all come from here. */
static const Option OPTIONS[] = {
    {"target", OPTION_TARGET, AT(target), 0, 0, "postgres (or pg), mysql, both; also -t"},
    {"users", OPTION_COUNT, AT(plan.user_count), 0, MAX_USERS, "rows in users"},
    {"orders-per-user", OPTION_COUNT, AT(plan.orders_per_user), 0, MAX_PER_USER,
     "average of a Poisson distribution"},
    {"events-per-user", OPTION_COUNT, AT(plan.events_per_user), 0, MAX_PER_USER,
     "average of a Poisson distribution"},
    {"recent-events", OPTION_COUNT, AT(plan.recent_event_count), 0, MAX_ROWS,
     "more events, spread over the last three days (UTC)"},
    {"page-views", OPTION_COUNT, AT(plan.page_view_count), 0, MAX_ROWS, "rows in page_views"},
    {"content-items", OPTION_COUNT, AT(plan.content_item_count), 0, MAX_ROWS,
     "rows in content_items"},
    {"seed", OPTION_COUNT, AT(plan.seed), 0, UINT64_MAX, "equal seeds give equal data"},
    {"pg-url", OPTION_TEXT, AT(postgres_url), 0, 0, "the PostgreSQL database"},
    {"mysql-url", OPTION_TEXT, AT(mysql_url), 0, 0, "the MySQL database"},
    {"batch-size", OPTION_COUNT, AT(batch_rows), 1, MAX_ROWS,
     "rows handed over at a time (content_items: 200)"},
    {"sparse-chunk-demo", OPTION_FLAG, AT(sparse_demo), 0, 0, "also fill orders_sparse"},
    {"only-sparse-chunk-demo", OPTION_FLAG, AT(only_sparse_demo), 0, 0,
     "fill orders_sparse and touch nothing else"},
    {"sparse-chunk-rows", OPTION_COUNT, AT(plan.sparse_row_count), 0, MAX_ROWS,
     "rows in orders_sparse"},
    {"sparse-chunk-id-gap", OPTION_COUNT, AT(plan.sparse_id_gap), 1, MAX_ROWS,
     "distance between their ids"},
    {"sparse-chunk-batch-size", OPTION_COUNT, AT(sparse_batch_rows), 1, MAX_ROWS,
     "rows of orders_sparse handed over at a time"},
};

enum { OPTION_ROWS = sizeof(OPTIONS) / sizeof(OPTIONS[0]) };

static const struct {
    const char *word;
    Target target;
} TARGET_WORDS[] = {
    {"postgres", TARGET_POSTGRES},
    {"pg", TARGET_POSTGRES},
    {"mysql", TARGET_MYSQL},
    {"both", TARGET_BOTH},
};

static Options
defaults(void)
{
    return (Options){
        .target = TARGET_BOTH,
        .postgres_url = "postgresql://rivet:rivet@localhost:5432/rivet",
        .mysql_url = "mysql://rivet:rivet@localhost:3306/rivet",
        .plan =
            {
                .seed = 42,
                .user_count = 100000,
                .orders_per_user = 10,
                .events_per_user = 50,
                .page_view_count = 2000000,
                .content_item_count = 200000,
                .sparse_row_count = 3,
                .sparse_id_gap = 2000000,
                .started_s = (int64_t)time(NULL),
            },
        .batch_rows = 1000,
        .sparse_batch_rows = 5000,
    };
}

static void *
option_value(Options *options, const Option *option)
{
    return (char *)options + option->offset;
}

static void
print_help(void)
{
    Options options = defaults();

    printf("rivet-seed %s: fills the development tables with repeatable data\n\n"
           "Usage: rivet-seed [OPTIONS]\n\nOptions:\n",
           RIVET_VERSION);
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        const Option *option = &OPTIONS[i];
        char flag[48];

        snprintf(flag, sizeof(flag), "--%s%s", option->name,
                 option->kind == OPTION_FLAG    ? ""
                 : option->kind == OPTION_COUNT ? " <N>"
                 : option->kind == OPTION_TEXT  ? " <URL>"
                                                : " <WORD>");
        printf("  %-32s %s", flag, option->help);
        if (option->kind == OPTION_COUNT)
            printf(" [default: %" PRIu64 "]", *(uint64_t *)option_value(&options, option));
        else if (option->kind == OPTION_TARGET)
            printf(" [default: both]");
        printf("\n");
    }
    printf("  %-32s print this help\n  %-32s print the version\n", "-h, --help", "-V, --version");
    printf("\nDatabases:\n  %s\n  %s\n", options.postgres_url, options.mysql_url);
}

/* Always false, so that a parser can return it. */
__attribute__((format(printf, 1, 2))) static bool
complain(const char *format, ...)
{
    va_list arguments;

    fputs("rivet-seed: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\nTry 'rivet-seed --help'.\n", stderr);
    return false;
}

static bool
parse_count(const Option *option, const char *text, uint64_t *out)
{
    char *end = NULL;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    /* strtoull takes signs and blanks; a count has neither. */
    if (text[0] < '0' || text[0] > '9' || *end != '\0')
        return complain("--%s needs a whole number, not '%s'", option->name, text);
    if (errno == ERANGE || number < option->min || number > option->max)
        return complain("--%s must be %" PRIu64 " to %" PRIu64 ", not %s", option->name,
                        option->min, option->max, text);
    *out = number;
    return true;
}

static bool
parse_target(const char *word, Target *out)
{
    for (size_t i = 0; i < sizeof(TARGET_WORDS) / sizeof(TARGET_WORDS[0]); i++) {
        if (strcmp(word, TARGET_WORDS[i].word) == 0) {
            *out = TARGET_WORDS[i].target;
            return true;
        }
    }
    return complain("--target must be postgres, pg, mysql or both, not '%s'", word);
}

static bool
assign(Options *options, const Option *option, const char *text)
{
    void *value = option_value(options, option);

    switch (option->kind) {
    case OPTION_COUNT:
        return parse_count(option, text, value);
    case OPTION_TEXT:
        *(const char **)value = text;
        return true;
    case OPTION_FLAG:
        *(bool *)value = true;
        return true;
    case OPTION_TARGET:
        return parse_target(text, value);
    }
    return false;
}

/* The option named by the first length characters of name, or NULL. */
static const Option *
find_option(const char *name, size_t length)
{
    for (size_t i = 0; i < OPTION_ROWS; i++) {
        if (strlen(OPTIONS[i].name) == length && strncmp(OPTIONS[i].name, name, length) == 0)
            return &OPTIONS[i];
    }
    return NULL;
}

/* One argument, as "--name value", "--name=value" or "-t value"; may take the next argument too. */
static bool
parse_argument(Options *options, int argc, char *const *argv, int *index)
{
    const char *argument = argv[*index];
    const char *equals = strchr(argument, '=');
    const Option *option = NULL;

    if (strcmp(argument, "-t") == 0)
        option = find_option("target", strlen("target"));
    else if (strncmp(argument, "--", 2) == 0)
        option = find_option(argument + 2, equals != NULL ? (size_t)(equals - argument - 2)
                                                          : strlen(argument + 2));
    if (option == NULL)
        return complain("unknown argument '%s'", argument);
    if (option->kind == OPTION_FLAG) {
        if (equals != NULL)
            return complain("--%s takes no value", option->name);
        return assign(options, option, NULL);
    }
    if (equals != NULL)
        return assign(options, option, equals + 1);
    if (*index + 1 == argc)
        return complain("--%s needs a value", option->name);
    *index += 1;
    return assign(options, option, argv[*index]);
}

static bool
validate(const SeedPlan *plan)
{
    if (plan->recent_event_count > 0 && plan->user_count == 0)
        return complain("--recent-events needs --users of at least 1");
    if (plan->user_count * plan->orders_per_user > MAX_ORDERS)
        return complain("--users times --orders-per-user is more than 32-bit order ids can count");
    return true;
}

OptionsResult
options_parse(Options *options, int argc, char *const *argv)
{
    *options = defaults();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            print_help();
            return OPTIONS_SHOWN;
        }
        if (strcmp(argv[i], "-V") == 0 || strcmp(argv[i], "--version") == 0) {
            printf("rivet-seed %s\n", RIVET_VERSION);
            return OPTIONS_SHOWN;
        }
        if (!parse_argument(options, argc, argv, &i))
            return OPTIONS_INVALID;
    }
    return validate(&options->plan) ? OPTIONS_RUN : OPTIONS_INVALID;
}
