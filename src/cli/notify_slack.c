#include "cli/notify.h"

#include "util/buffer.h"

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "-" : text;
}

/* Three characters mean something in Slack's texts: links, mentions, entities. */
static void
append_escaped(Buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&')
            buffer_append_text(out, "&amp;");
        else if (*text == '<')
            buffer_append_text(out, "&lt;");
        else if (*text == '>')
            buffer_append_text(out, "&gt;");
        else
            buffer_append_byte(out, (uint8_t)*text);
    }
}

json_t *
slack_message(const json_t *item)
{
    const char *status = text_of(item, "status");
    bool is_failed = strcmp(status, "failed") == 0;
    Buffer title = {0};
    Buffer text = {0};

    buffer_append_format(&title, "Rivet: %s", text_of(item, "run_id"));
    buffer_append_format(&text,
                         "*%s* | status: `%s` | rows: %" JSON_INTEGER_FORMAT
                         " | duration: %" JSON_INTEGER_FORMAT "ms",
                         text_of(item, "export"), status,
                         json_integer_value(json_object_get(item, "rows")),
                         json_integer_value(json_object_get(item, "duration_ms")));
    if (is_failed) {
        buffer_append_text(&text, "\nerror: ");
        append_escaped(&text, text_of(json_object_get(item, "error"), "message"));
    }
    if (strcmp(text_of(item, "schema"), "changed") == 0)
        buffer_append_text(&text, "\nschema changed");
    json_t *message = json_pack("{s[{ss ss ss ss}]}", "attachments", "color",
                                is_failed ? "#e74c3c" : "#f39c12", "title", buffer_text(&title),
                                "text", buffer_text(&text), "footer", "rivet export notification");
    buffer_release(&title);
    buffer_release(&text);
    return message;
}
