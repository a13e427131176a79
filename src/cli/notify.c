#include "cli/notify.h"

#include <stdatomic.h>
#include <strings.h>

#include "util/http.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::notify"

enum {
    PATIENCE_MS = 10000,      /* spec: behaviour §21 */
    HASTY_PATIENCE_MS = 2000, /* after a signal the whole process has 10 s */
    MOST_SILENCES = 3,        /* in a row; then nobody is there */
};

enum { EVENT_FAILURE = 1, EVENT_SCHEMA_CHANGE = 2 };

/* Somebody who is told. */
typedef struct Channel {
    const char *name;
    const char *url; /* NULL: nobody; a secret, in the arena of the notifier */
    unsigned events;
} Channel;

struct Notifier {
    Arena arena;
    Channel slack;
    Channel webhook;
    HttpClient *patient;
    HttpClient *hasty;
    atomic_int silences; /* in a row */
};

/* ---- who is told what ---- */

/* 'degraded' is a word that no export ever becomes. */
static unsigned
wanted_events(const TextList *on)
{
    unsigned events = 0;

    for (size_t i = 0; i < on->count; i++)
        events |= strcmp(on->items[i], "failure") == 0         ? EVENT_FAILURE
                  : strcmp(on->items[i], "schema_change") == 0 ? EVENT_SCHEMA_CHANGE
                                                               : 0U;
    return events;
}

static bool
has_word(const json_t *item, const char *key, const char *word)
{
    const char *text = json_string_value(json_object_get(item, key));

    return text != NULL && strcmp(text, word) == 0;
}

static unsigned
events_of_export(const json_t *item)
{
    return (has_word(item, "status", "failed") ? EVENT_FAILURE : 0U) |
           (has_word(item, "schema", "changed") ? EVENT_SCHEMA_CHANGE : 0U);
}

static unsigned
events_of_run(const json_t *document)
{
    const json_t *exports = json_object_get(document, "exports");
    unsigned events =
        json_integer_value(json_object_get(document, "exit_status")) != 0 ? EVENT_FAILURE : 0U;

    for (size_t i = 0; i < json_array_size(exports); i++)
        events |= events_of_export(json_array_get(exports, i));
    return events;
}

/* ---- where it goes ---- */

static bool
is_web_url(const char *url)
{
    return strncasecmp(url, "https://", 8) == 0 || strncasecmp(url, "http://", 7) == 0;
}

/* The URL without white space around it; NULL, said in a warning, when it is none. */
static const char *
take_url(Notifier *notifier, const char *name, const char *text)
{
    static const char BLANKS[] = " \t\r\n";

    text += strspn(text, BLANKS);
    size_t length = strlen(text);
    while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
        length--;
    const char *url = arena_dup_bytes(&notifier->arena, text, length);
    if (is_web_url(url))
        return url;
    log_warn(MODULE,
             "notifications.%s: what stands for the URL does not begin with https:// or http://; "
             "nobody is told",
             name);
    return NULL;
}

static const char *
find_url(Notifier *notifier, const char *name, Secret direct, const char *variable)
{
    const char *text = secret_is_set(direct) ? secret_reveal(direct)
                       : variable != NULL    ? getenv(variable)
                                             : NULL;

    if (text != NULL)
        return take_url(notifier, name, text);
    if (variable == NULL)
        log_warn(MODULE, "notifications.%s names no webhook; nobody is told", name);
    else
        log_warn(MODULE, "notifications.%s: env var '%s' not set; nobody is told", name, variable);
    return NULL;
}

static bool
make_client(int patience_ms, HttpClient **out, Error *err)
{
    const HttpPolicy policy = {
        .connect_timeout_ms = patience_ms,
        .stall_timeout_ms = patience_ms,
        .total_timeout_ms = patience_ms,
    };

    return http_client_create(&policy, out, err);
}

static bool
make_clients(Notifier *notifier, Error *err)
{
    return make_client(PATIENCE_MS, &notifier->patient, err) &&
           make_client(HASTY_PATIENCE_MS, &notifier->hasty, err);
}

Notifier *
notifier_new(const Config *config)
{
    const SlackConfig *slack = &config->slack;
    const WebhookConfig *webhook = &config->webhook;
    Notifier *notifier = memory_alloc_zero(1, sizeof(*notifier));
    Error err = ERROR_INIT;

    notifier->slack = (Channel){.name = "slack", .events = wanted_events(&slack->on)};
    notifier->webhook = (Channel){.name = "webhook", .events = wanted_events(&webhook->on)};
    if (notifier->slack.events != 0)
        notifier->slack.url =
            find_url(notifier, "slack", slack->webhook_url, slack->webhook_url_env);
    if (notifier->webhook.events != 0)
        notifier->webhook.url = find_url(notifier, "webhook", (Secret){0}, webhook->url_env);
    bool is_used = notifier->slack.url != NULL || notifier->webhook.url != NULL;
    if (is_used && make_clients(notifier, &err))
        return notifier;
    if (is_used)
        log_warn(MODULE, "nobody is told about this run: %s", err.message);
    notifier_free(notifier);
    return NULL;
}

void
notifier_free(Notifier *notifier)
{
    if (notifier == NULL)
        return;
    http_client_free(notifier->patient);
    http_client_free(notifier->hasty);
    arena_release(&notifier->arena);
    free(notifier);
}

/* ---- the telling ---- */

static bool
has_given_up(const Notifier *notifier)
{
    return atomic_load(&notifier->silences) >= (interrupt_signal() != 0 ? 1 : MOST_SILENCES);
}

static void
report(const Channel *channel, const char *about, const HttpAnswer *answer, const Error *err)
{
    if (err->code != ERR_NONE)
        log_warn(MODULE, "%s was not told about %s: %s", channel->name, about, err->message);
    else if (answer->status / 100 != 2)
        log_warn(MODULE, "%s was not told about %s: it answered with status %d", channel->name,
                 about, answer->status);
    else
        log_info(MODULE, "notification sent to %s about %s", channel->name, about);
}

/* Once: nobody can say whether a message without an answer has arrived. */
static void
send_once(Notifier *notifier, const Channel *channel, const char *about, const json_t *body)
{
    bool is_stopping = interrupt_signal() != 0;
    char *text = json_dumps(body, JSON_COMPACT);
    HttpRequest request = {
        .method = "POST",
        .url = channel->url,
        .body = text,
        .body_bytes = strlen(text),
        .once = true,
        .runs_to_the_end = is_stopping,
        .hides_path = true,
    };
    HttpAnswer answer = {0};
    Error err = ERROR_INIT;

    http_set_header(&request, "Content-Type", "application/json");
    if (http_send(is_stopping ? notifier->hasty : notifier->patient, &request, &answer, &err))
        atomic_store(&notifier->silences, 0);
    else if (err.code != ERR_INTERRUPTED) /* a signal says nothing about who is there */
        atomic_fetch_add(&notifier->silences, 1);
    report(channel, about, &answer, &err);
    http_answer_free(&answer);
    free(text);
}

static void
tell(Notifier *notifier, const Channel *channel, const char *about, const json_t *body)
{
    if (has_given_up(notifier))
        log_warn(MODULE, "%s was not told about %s: there was no answer before", channel->name,
                 about);
    else
        send_once(notifier, channel, about, body);
}

void
notify_export(Notifier *notifier, const json_t *item)
{
    if (notifier == NULL || notifier->slack.url == NULL ||
        (notifier->slack.events & events_of_export(item)) == 0)
        return;
    char about[160];
    json_t *message = slack_message(item);

    snprintf(about, sizeof(about), "export '%s'",
             json_string_value(json_object_get(item, "export")));
    tell(notifier, &notifier->slack, about, message);
    json_decref(message);
}

void
notify_run(Notifier *notifier, const json_t *document)
{
    if (notifier != NULL && notifier->webhook.url != NULL &&
        (notifier->webhook.events & events_of_run(document)) != 0)
        tell(notifier, &notifier->webhook, "the run", document);
}
