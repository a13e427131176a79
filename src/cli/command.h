/* command.h: the table of commands and flags, and what a command line becomes.
 *
 * The table drives parsing and help; whatever else speaks of commands (completions, manual pages)
 * reads it too, so nothing can drift.
 * Source  spec: cli §2 and §3 */
#ifndef RIVET_CLI_COMMAND_H
#define RIVET_CLI_COMMAND_H

#include "config/config.h"

/* Every flag of every command; a command's own flags say which ones it takes. */
typedef struct Arguments {
    const char *config;
    const char *export;
    const char *state;
    const char *run;
    const char *manifest;
    const char *log_format;
    bool validate;
    bool reconcile;
    bool resume;
    bool parallel_threads;
    bool parallel_processes;
    bool strict;
    bool json;
    const char *shell;
    const char *summary_output;
    const char *url_env;
    const char *schema;
    const char *table;
    const char *include;
    const char *exclude;
    const char *destination;
    const char *output;
    bool discover;
    const char *metrics_file;
    bool quiet;
    bool no_color;
    bool no_notify;
    bool types;
    bool help;
    char *const *files;
    size_t file_count;
    int64_t last;
    Param *params;
    size_t param_count;
} Arguments;

typedef enum FlagKind {
    FLAG_SWITCH,
    FLAG_TEXT,
    FLAG_COUNT,
    FLAG_PARAM,
    FLAG_OPERAND, /* a word without a flag before it; stored like FLAG_TEXT */
    FLAG_FILES,   /* all words that are left, in Arguments.files */
} FlagKind;

typedef struct Flag {
    const char *name;
    char letter; /* 0: none */
    FlagKind kind;
    size_t offset;          /* in Arguments; the type follows kind */
    const char *value_name; /* "PATH" is a file; "text|json" allows just these words */
    const char *help;
} Flag;

static inline bool
flag_is_operand(const Flag *flag)
{
    return flag->kind == FLAG_OPERAND || flag->kind == FLAG_FILES;
}

/* One use of a flag by a command. */
typedef struct CommandFlag {
    const Flag *flag;
    bool is_required;
    int64_t default_count; /* FLAG_COUNT */
} CommandFlag;

enum { COMMAND_FLAGS_MAX = 24 };

typedef struct Command {
    const char *group; /* "state" for "state show"; NULL: a command of its own */
    const char *name;
    const char *summary;
    CommandFlag flags[COMMAND_FLAGS_MAX];   /* ends at flag == NULL */
    int (*run)(const Arguments *arguments); /* returns the exit status */
} Command;

extern const Command COMMANDS[];
extern const size_t COMMAND_COUNT;

/* The summary of a group of commands, or NULL when there is no such group. */
const char *command_group_summary(const char *group);

/* Is this row of COMMANDS the first of its group? */
bool command_begins_group(size_t index);

/* Parses and runs a whole command line; returns the exit status. */
int command_main(int argc, char **argv);

#endif
