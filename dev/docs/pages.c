#include "docs.h"

#include "util/buffer.h"
#include "util/error.h"

const PageVariable PAGE_VARIABLES[] = {
    {"RIVET_LOG, RUST_LOG",
     "level of the log (off, error, warn, info, debug, trace), or a comma "
     "list of module=level; the default is warn, and info for rivet::progress"},
    {"RIVET_STATE", "path of the state database; --state wins"},
    {"TMPDIR", "directory of temporary files"},
    {"any NAME in ${NAME}", "takes its place in the configuration; --param wins"},
    {"names given by url_env, password_env and the like", "hold what the configuration should not"},
};
const size_t PAGE_VARIABLE_COUNT = ARRAY_LENGTH(PAGE_VARIABLES);

const PageStatus PAGE_STATUSES[] = {
    {0, "success, also when nothing was to be done or the reader of a pipe left"},
    {1, "an export or the configuration failed"},
    {2, "the command line is wrong"},
    {3, "a check of the data failed"},
    {4, "the schema changed and on_schema_drift is fail"},
    {5, "source or destination unavailable after all retries"},
    {130, "stopped by SIGINT"},
    {143, "stopped by SIGTERM"},
};
const size_t PAGE_STATUS_COUNT = ARRAY_LENGTH(PAGE_STATUSES);

void
page_name(const Command *command, char separator, char *name, size_t size_bytes)
{
    if (command->group == NULL)
        snprintf(name, size_bytes, "rivet%c%s", separator, command->name);
    else
        snprintf(name, size_bytes, "rivet%c%s%c%s", separator, command->group, separator,
                 command->name);
}

const char *
page_default(const Option *option, char *text, size_t size_bytes)
{
    const char *initial = option->initial != NULL ? option->initial : option->default_note;

    snprintf(text, size_bytes, "%s",
             option->is_required ? "required"
             : initial == NULL   ? ""
                                 : initial);
    return text;
}

static void
append_words(const Option *option, Buffer *out)
{
    for (size_t i = 0; i < option->words->count; i++)
        buffer_append_format(out, "%s%s", i == 0 ? "" : ", ", option->words->words[i].text);
}

void
page_type(const Option *option, char *text, size_t size_bytes)
{
    Buffer out = {0};

    if (option->type == OPTION_WORD)
        append_words(option, &out);
    else
        buffer_append_text(&out, option_type_name(option->type));
    if (option->type == OPTION_WORD_LIST) {
        buffer_append_text(&out, ": ");
        append_words(option, &out);
    }
    if (option->type == OPTION_INT)
        buffer_append_format(&out, ", from %" PRId64, option->min);
    if (option->type == OPTION_INT && option->max < INT64_C(1000000000))
        buffer_append_format(&out, " to %" PRId64, option->max);
    snprintf(text, size_bytes, "%s", buffer_text(&out));
    buffer_release(&out);
}
