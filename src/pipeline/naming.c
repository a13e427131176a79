#include "pipeline/naming.h"

#include "util/buffer.h"
#include "util/clock.h"
#include "util/random.h"

RunName
naming_start_run(const char *export_name, Arena *arena)
{
    char text[CLOCK_TEXT_BYTES];
    char random[7];
    RunName name = {.started_us = clock_now_us()};

    clock_format_run_id(name.started_us, text);
    name.run_id = arena_format(arena, "%s_%s", export_name, text);
    clock_format_stamp(name.started_us, text);
    random_hex(random, 3);
    name.stamp = arena_format(arena, "%s_%s", text, random);
    return name;
}

/* Replaces {export} {ts} {date} {run_id}; config validation has refused any other word. */
static void
append_template(Buffer *out, const char *template, const ExportConfig *export, const RunName *run)
{
    const struct {
        const char *word;
        const char *text;
        size_t length;
    } words[] = {
        {"{export}", export->name, strlen(export->name)},
        {"{ts}", run->stamp, strlen(run->stamp)},
        {"{date}", run->stamp, 8},
        {"{run_id}", run->run_id, strlen(run->run_id)},
    };

    while (*template != '\0') {
        size_t i = 0;
        while (i < ARRAY_LENGTH(words) &&
               strncmp(template, words[i].word, strlen(words[i].word)) != 0)
            i++;
        if (i == ARRAY_LENGTH(words)) {
            buffer_append_byte(out, (uint8_t) * template ++);
        } else {
            buffer_append(out, words[i].text, words[i].length);
            template += strlen(words[i].word);
        }
    }
}

const char *
naming_part(const ExportConfig *export, const RunName *run, int64_t chunk, int64_t part,
            const char *extension, Arena *arena)
{
    Buffer name = {0};

    if (export->file_name != NULL)
        append_template(&name, export->file_name, export, run);
    else
        buffer_append_format(&name, "%s_%s", export->name, run->stamp);
    if (chunk != NAMING_NONE)
        buffer_append_format(&name, "_chunk%" PRId64, chunk);
    if (part != NAMING_NONE)
        buffer_append_format(&name, "_part%" PRId64, part);
    buffer_append_format(&name, ".%s", extension);
    const char *text = arena_dup_string(arena, buffer_text(&name));
    buffer_release(&name);
    return text;
}
