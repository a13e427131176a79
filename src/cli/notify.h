/* notify.h: who is told about a run: a Slack channel of each export, a webhook of the whole.
 *
 * Best effort  a message is sent once and waited for a bounded time; whatever goes wrong is a
 *              warning and never changes what becomes of the run. After three messages in a row
 *              without an answer, after a signal one, no more are sent.
 * Secrets      the URLs: they reach no log, no error, no process argument.
 * Threads      notify_export from any thread; the rest from the main thread.
 * Source       spec: behaviour §21, config §3.7 and §10 */
#ifndef RIVET_CLI_NOTIFY_H
#define RIVET_CLI_NOTIFY_H

#include <jansson.h>

#include "config/config.h"

typedef struct Notifier Notifier;

/* NULL when the configuration names nobody, or nobody who can be reached (a warning). */
Notifier *notifier_new(const Config *config);
void notifier_free(Notifier *notifier); /* NULL is fine, here and below */

/* An export ended: its item of the summary (summary_json.h), borrowed. */
void notify_export(Notifier *notifier, const json_t *item);
/* The run ended: the summary's document, borrowed. */
void notify_run(Notifier *notifier, const json_t *document);

/* ---- notify_slack.c ---- */

/* The message about one export; the caller drops it. */
json_t *slack_message(const json_t *item);

#endif
