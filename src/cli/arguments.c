/* arguments.c: from argv to a command and its Arguments. getopt_long reads the options; exit
 * status 2 and a usage line answer every mistake. */
#include <getopt.h>

#include "cli/help.h"
#include "util/memory.h"

enum { EXIT_USAGE = 2, LONG_ONLY = 256 };

static int
usage_error(const Command *command, const char *format, const char *what)
{
    fputs("error: ", stderr);
    fprintf(stderr, format[0] == '\0' ? "%s" : "%s '%s'", format, what);
    fputs("\n\n", stderr);
    help_usage_line(stderr, command);
    fputs("\nFor more information, try '--help'.\n", stderr);
    return EXIT_USAGE;
}

static bool
parse_count(const char *text, int64_t *count)
{
    char *end = NULL;

    /* strtoll would take blanks and signs; a count is digits. */
    if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 18)
        return false;
    *count = strtoll(text, &end, 10);
    return *end == '\0';
}

static bool
store_param(Arguments *arguments, char *text)
{
    char *equals = strchr(text, '=');

    if (equals == NULL || equals == text)
        return false;
    size_t count = arguments->param_count + 1;
    arguments->params = memory_resize(arguments->params, count * sizeof(*arguments->params));
    arguments->params[count - 1] =
        (Param){.key = memory_dup_bytes(text, (size_t)(equals - text)), .value = equals + 1};
    arguments->param_count = count;
    return true;
}

/* "text|json" allows these words and no other; a name without a bar allows every text. */
static bool
is_allowed(const Flag *flag, const char *text)
{
    const char *word = flag->value_name;
    size_t length = strlen(text);

    if (word == NULL || strchr(word, '|') == NULL)
        return true;
    for (; *word != '\0'; word += strcspn(word, "|"), word += *word == '|')
        if (strcspn(word, "|") == length && strncmp(word, text, length) == 0)
            return true;
    return false;
}

/* False: the value does not do. */
static bool
store_flag(const Flag *flag, char *text, Arguments *arguments)
{
    void *field = (char *)arguments + flag->offset;

    assert(text != NULL || flag->kind == FLAG_SWITCH); /* getopt_long sees to it */
    switch (flag->kind) {
    case FLAG_SWITCH:
        *(bool *)field = true;
        return true;
    case FLAG_TEXT:
    case FLAG_OPERAND:
        *(const char **)field = text;
        return is_allowed(flag, text);
    case FLAG_COUNT:
        return parse_count(text, field);
    case FLAG_PARAM:
        return store_param(arguments, text);
    case FLAG_FILES: /* parse_operands takes them all at once */
        break;
    }
    return false;
}

static size_t
build_options(const Command *command, struct option *longs, char *shorts)
{
    size_t count = 0;

    *shorts++ = ':'; /* a missing value answers ':' instead of '?' */
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++, count++) {
        bool takes_value = use->flag->kind != FLAG_SWITCH;
        if (flag_is_operand(use->flag)) {
            longs[count] = (struct option){.name = "", .val = '?'}; /* keeps the places in step */
            continue;
        }
        longs[count] = (struct option){
            .name = use->flag->name,
            .has_arg = takes_value ? required_argument : no_argument,
            .val = LONG_ONLY + (int)count,
        };
        if (use->flag->letter == 0)
            continue;
        *shorts++ = use->flag->letter;
        if (takes_value)
            *shorts++ = ':';
    }
    *shorts = '\0';
    longs[count] = (struct option){0};
    return count;
}

/* getopt_long takes any unambiguous beginning of a name; scripts should not grow on that. */
static bool
is_whole_name(const char *argument, const Flag *flag)
{
    size_t length = strcspn(argument, "=");

    return strlen(flag->name) + 2 == length && strncmp(argument + 2, flag->name, length - 2) == 0;
}

static const CommandFlag *
find_use(const Command *command, int option, size_t count)
{
    if (option >= LONG_ONLY)
        return (size_t)(option - LONG_ONLY) < count ? &command->flags[option - LONG_ONLY] : NULL;
    for (const CommandFlag *use = command->flags; use->flag != NULL; use++)
        if (use->flag->letter == option)
            return use;
    return NULL;
}

/* The words that are no flags go to the operands, in order. */
static int
parse_operands(const Command *command, int argc, char **argv, bool *is_given, Arguments *arguments)
{
    int next = optind;

    for (const CommandFlag *use = command->flags; use->flag != NULL && next < argc; use++) {
        if (!flag_is_operand(use->flag))
            continue;
        if (use->flag->kind == FLAG_FILES) {
            arguments->files = argv + next;
            arguments->file_count = (size_t)(argc - next);
            is_given[use - command->flags] = true;
            return 0;
        }
        if (!store_flag(use->flag, argv[next], arguments))
            return usage_error(command, "invalid value", argv[next]);
        is_given[use - command->flags] = true;
        next++;
    }
    return next < argc ? usage_error(command, "unexpected argument", argv[next]) : 0;
}

static int
parse_options(const Command *command, int argc, char **argv, Arguments *arguments)
{
    struct option longs[COMMAND_FLAGS_MAX + 1];
    char shorts[2 * COMMAND_FLAGS_MAX + 2];
    bool is_given[COMMAND_FLAGS_MAX] = {false};
    size_t count = build_options(command, longs, shorts);
    int option = 0;

    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (option == '?')
            return usage_error(command, "unexpected argument", argv[optind - 1]);
        if (option == ':')
            return usage_error(command, "a value is required for", argv[optind - 1]);
        const CommandFlag *use = find_use(command, option, count);
        bool is_value_apart = optarg != NULL && optarg == argv[optind - 1];
        const char *written = argv[is_value_apart ? optind - 2 : optind - 1];
        if (option >= LONG_ONLY && !is_whole_name(written, use->flag))
            return usage_error(command, "unexpected argument", written);
        /* -c=value is as good as -c value */
        char *value = optarg;
        if (value != NULL && option < LONG_ONLY && !is_value_apart && value[0] == '=')
            value++;
        size_t index = (size_t)(use - command->flags);
        if (is_given[index] && use->flag->kind != FLAG_PARAM && use->flag->kind != FLAG_SWITCH)
            return usage_error(command, "given more than once:", use->flag->name);
        is_given[index] = true;
        if (!store_flag(use->flag, value, arguments))
            return usage_error(command, "invalid value", value);
    }
    int status = parse_operands(command, argc, argv, is_given, arguments);
    if (status != 0 || arguments->help)
        return status;
    for (size_t i = 0; i < count; i++)
        if (command->flags[i].is_required && !is_given[i])
            return usage_error(command, "required argument missing:", command->flags[i].flag->name);
    return 0;
}

static const Command *
find_command(const char *group, const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = &COMMANDS[i];
        bool same_group = group == NULL
                              ? command->group == NULL
                              : command->group != NULL && strcmp(command->group, group) == 0;
        if (same_group && strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

static bool
is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Which command the first words name; *words says how many they are. NULL: *status holds the exit
 * status, help or usage has been printed. */
static const Command *
pick_command(int argc, char **argv, int *words, int *status)
{
    const char *first = argv[0];

    *status = 0;
    *words = 1;
    if (command_group_summary(first) == NULL) {
        const Command *command = find_command(NULL, first);
        if (command == NULL)
            *status = usage_error(NULL, "unrecognized command", first);
        return command;
    }
    if (argc < 2) {
        help_group(stderr, first);
        *status = EXIT_USAGE;
        return NULL;
    }
    if (is_help(argv[1])) {
        help_group(stdout, first);
        return NULL;
    }
    *words = 2;
    const Command *command = find_command(first, argv[1]);
    if (command == NULL)
        *status = usage_error(NULL, "unrecognized command", argv[1]);
    return command;
}

/* help [COMMAND …] */
static int
print_help(int argc, char **argv)
{
    int words = 0;
    int status = 0;

    if (argc == 0) {
        help_program(stdout);
        return 0;
    }
    if (argc == 1 && command_group_summary(argv[0]) != NULL) {
        help_group(stdout, argv[0]);
        return 0;
    }
    const Command *command = pick_command(argc, argv, &words, &status);
    if (command != NULL)
        help_command(stdout, command);
    return status;
}

static void
release_arguments(Arguments *arguments)
{
    for (size_t i = 0; i < arguments->param_count; i++)
        free((void *)(uintptr_t)arguments->params[i].key);
    free(arguments->params);
}

static int
run_command(const Command *command, int argc, char **argv)
{
    Arguments arguments = {0};

    for (const CommandFlag *use = command->flags; use->flag != NULL; use++)
        if (use->flag->kind == FLAG_COUNT)
            *(int64_t *)(void *)((char *)&arguments + use->flag->offset) = use->default_count;
    int status = parse_options(command, argc, argv, &arguments);
    if (status == 0 && arguments.help)
        help_command(stdout, command);
    else if (status == 0)
        status = command->run(&arguments);
    release_arguments(&arguments);
    return status;
}

int
command_main(int argc, char **argv)
{
    int words = 0;
    int status = 0;

    if (argc < 2) {
        help_program(stderr);
        return EXIT_USAGE;
    }
    if (is_help(argv[1])) {
        help_program(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("rivet " RIVET_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "help") == 0)
        return print_help(argc - 2, argv + 2);
    const Command *command = pick_command(argc - 1, argv + 1, &words, &status);
    /* getopt takes argv[0] for the program's name: the last word of the command stands there. */
    return command == NULL ? status : run_command(command, argc - words, argv + words);
}
