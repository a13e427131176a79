#include "cli/command.h"

#include "cli/commands.h"

#define AT(field) offsetof(Arguments, field)

static const Flag CONFIG = {"config", 'c', FLAG_TEXT, AT(config), "PATH", "YAML configuration"};
static const Flag EXPORT = {"export", 'e', FLAG_TEXT, AT(export), "NAME", "Only this export"};
static const Flag PARAM = {"param",    'p',         FLAG_PARAM,
                           AT(params), "KEY=VALUE", "Value for ${KEY}; may be repeated"};
static const Flag STATE = {
    "state",   0,      FLAG_TEXT,
    AT(state), "PATH", "State database, instead of .rivet_state.db beside the configuration"};
static const Flag VALIDATE = {"validate",  0,
                              FLAG_SWITCH, AT(validate),
                              NULL,        "Re-read each output file before it is delivered"};
static const Flag RECONCILE = {
    "reconcile",   0,    FLAG_SWITCH,
    AT(reconcile), NULL, "Compare the rows with the source's own count before delivery"};
static const Flag RESUME = {"resume",   0,    FLAG_SWITCH,
                            AT(resume), NULL, "Continue unfinished checkpointed chunk runs"};
static const Flag THREADS = {"parallel-exports",   0,    FLAG_SWITCH,
                             AT(parallel_threads), NULL, "All exports at once, in threads"};
static const Flag PROCESSES = {
    "parallel-export-processes", 0,    FLAG_SWITCH,
    AT(parallel_processes),      NULL, "All exports at once, in processes"};
static const Flag STRICT = {"strict",   0,    FLAG_SWITCH,
                            AT(strict), NULL, "Unknown keys of the configuration are errors"};
static const Flag JSON = {"json", 0, FLAG_SWITCH, AT(json), NULL, "Print JSON"};
static const Flag LAST = {"last", 'l', FLAG_COUNT, AT(last), "N", "Newest N rows"};
static const Flag RUN = {"run", 0, FLAG_TEXT, AT(run), "ID", "Run id, as the summary prints it"};
static const Flag MANIFEST = {
    "manifest",   0,      FLAG_TEXT,
    AT(manifest), "PATH", "One manifest of a local destination, instead of a configuration"};
static const Flag RUN_JSON = {"json",   0,    FLAG_SWITCH,
                              AT(json), NULL, "Print the summary of the run as JSON at its end"};
static const Flag SUMMARY_OUTPUT = {"summary-output", 0,
                                    FLAG_TEXT,        AT(summary_output),
                                    "PATH",           "Write the summary of the run as JSON"};
static const Flag METRICS_FILE = {
    "metrics-file",   0,      FLAG_TEXT,
    AT(metrics_file), "PATH", "Write metrics of the run for node_exporter's textfile collector"};
static const Flag QUIET = {"quiet",   'q',  FLAG_SWITCH,
                           AT(quiet), NULL, "No progress and no summaries on stderr; errors stay"};
static const Flag NO_COLOR = {"no-color",   0,    FLAG_SWITCH,
                              AT(no_color), NULL, "No colours, as with NO_COLOR set"};
static const Flag NO_NOTIFY = {"no-notify", 0,
                               FLAG_SWITCH, AT(no_notify),
                               NULL,        "Tell nobody of the configuration's notifications"};
static const Flag URL_ENV = {"url-env", 0,
                             FLAG_TEXT, AT(url_env),
                             "NAME",    "Variable that holds the URL, instead of DATABASE_URL"};
static const Flag SCHEMA = {"schema",   0,      FLAG_TEXT,
                            AT(schema), "NAME", "Only tables of this schema"};
static const Flag TABLE = {"table", 't', FLAG_TEXT, AT(table), "NAME", "Only this table"};
static const Flag INCLUDE = {"include", 0,
                             FLAG_TEXT, AT(include),
                             "PATTERN", "Only tables whose names match, as in 'order*'"};
static const Flag EXCLUDE = {"exclude",   0,         FLAG_TEXT,
                             AT(exclude), "PATTERN", "No tables whose names match"};
static const Flag DESTINATION = {
    "destination",   0,      FLAG_TEXT,
    AT(destination), "PATH", "Directory of the files, instead of ./out; or s3://…, gs://…, stdout"};
static const Flag OUTPUT = {"output",  'o',
                            FLAG_TEXT, AT(output),
                            "PATH",    "New file for the configuration, instead of stdout"};
static const Flag DISCOVER = {"discover",  0,
                              FLAG_SWITCH, AT(discover),
                              NULL,        "Print the tables and what would be chosen as JSON"};
static const Flag TYPES = {
    "types",   0,    FLAG_SWITCH,
    AT(types), NULL, "Show what each column becomes, and how the target reads it"};
static const Flag SHELL = {"SHELL",
                           0,
                           FLAG_OPERAND,
                           AT(shell),
                           "bash|elvish|fish|powershell|zsh",
                           "Shell that will read the script"};
static const Flag LOG_FORMAT = {"log-format",   0,           FLAG_TEXT,
                                AT(log_format), "text|json", "Form of the log lines on stderr"};
static const Flag FILES = {"FILE", 0, FLAG_FILES, AT(files), "PATH", "Parquet files"};
static const Flag HELP = {"help", 'h', FLAG_SWITCH, AT(help), NULL, "Print help"};

const Command COMMANDS[] = {
    {NULL,
     "run",
     "Run the exports of a configuration",
     {{&CONFIG, true, 0},
      {&EXPORT, false, 0},
      {&VALIDATE, false, 0},
      {&RECONCILE, false, 0},
      {&RESUME, false, 0},
      {&THREADS, false, 0},
      {&PROCESSES, false, 0},
      {&PARAM, false, 0},
      {&STATE, false, 0},
      {&STRICT, false, 0},
      {&RUN_JSON, false, 0},
      {&SUMMARY_OUTPUT, false, 0},
      {&METRICS_FILE, false, 0},
      {&QUIET, false, 0},
      {&NO_COLOR, false, 0},
      {&NO_NOTIFY, false, 0},
      {&LOG_FORMAT, false, 0},
      {&HELP, false, 0}},
     cmd_run},
    {NULL,
     "check",
     "Tell what a run would do to the database, without running it",
     {{&CONFIG, true, 0},
      {&EXPORT, false, 0},
      {&TYPES, false, 0},
      {&PARAM, false, 0},
      {&STATE, false, 0},
      {&STRICT, false, 0},
      {&JSON, false, 0},
      {&LOG_FORMAT, false, 0},
      {&HELP, false, 0}},
     cmd_check},
    {NULL,
     "doctor",
     "Try the source, the destinations and the state database",
     {{&CONFIG, true, 0},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&LOG_FORMAT, false, 0},
      {&HELP, false, 0}},
     cmd_doctor},
    {NULL,
     "init",
     "Write a first configuration for the tables of a database",
     {{&URL_ENV, false, 0},
      {&SCHEMA, false, 0},
      {&TABLE, false, 0},
      {&INCLUDE, false, 0},
      {&EXCLUDE, false, 0},
      {&DESTINATION, false, 0},
      {&OUTPUT, false, 0},
      {&DISCOVER, false, 0},
      {&LOG_FORMAT, false, 0},
      {&HELP, false, 0}},
     cmd_init},
    {"state",
     "show",
     "Show the cursors of incremental exports",
     {{&CONFIG, true, 0}, {&STATE, false, 0}, {&JSON, false, 0}, {&HELP, false, 0}},
     cmd_state_show},
    {"state",
     "reset",
     "Forget the cursor of an export and undo its unfinished runs",
     {{&CONFIG, true, 0},
      {&EXPORT, true, 0},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&HELP, false, 0}},
     cmd_state_reset},
    {"state",
     "files",
     "List delivered files",
     {{&CONFIG, true, 0},
      {&EXPORT, false, 0},
      {&LAST, false, 50},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&HELP, false, 0}},
     cmd_state_files},
    {"state",
     "chunks",
     "Show the chunks of the latest checkpointed run",
     {{&CONFIG, true, 0},
      {&EXPORT, true, 0},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&HELP, false, 0}},
     cmd_state_chunks},
    {"state",
     "reset-chunks",
     "Give up the checkpointed chunk runs of an export",
     {{&CONFIG, true, 0},
      {&EXPORT, true, 0},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&HELP, false, 0}},
     cmd_state_reset_chunks},
    {NULL,
     "completions",
     "Print a completion script for a shell",
     {{&SHELL, true, 0}, {&HELP, false, 0}},
     cmd_completions},
    {NULL,
     "inspect",
     "Show what Parquet files say of themselves",
     {{&FILES, true, 0}, {&JSON, false, 0}, {&HELP, false, 0}},
     cmd_inspect},
    {NULL,
     "metrics",
     "Show the history of runs",
     {{&CONFIG, true, 0},
      {&EXPORT, false, 0},
      {&LAST, false, 20},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&HELP, false, 0}},
     cmd_metrics},
    {NULL,
     "validate",
     "Prove that delivered files are still what was delivered",
     {{&CONFIG, false, 0},
      {&EXPORT, false, 0},
      {&RUN, false, 0},
      {&LAST, false, 1},
      {&MANIFEST, false, 0},
      {&PARAM, false, 0},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&LOG_FORMAT, false, 0},
      {&HELP, false, 0}},
     cmd_validate},
    {NULL,
     "journal",
     "Show what happened in one run",
     {{&CONFIG, true, 0},
      {&RUN, true, 0},
      {&STATE, false, 0},
      {&JSON, false, 0},
      {&HELP, false, 0}},
     cmd_journal},
    {"schema",
     "config",
     "Print the JSON Schema of the configuration, for editors",
     {{&HELP, false, 0}},
     cmd_schema_config},
};
const size_t COMMAND_COUNT = ARRAY_LENGTH(COMMANDS);

static const struct {
    const char *name, *summary;
} GROUPS[] = {
    {"state", "Look into the state database"},
    {"schema", "Print schemas of rivet's own files"},
};

const char *
command_group_summary(const char *group)
{
    for (size_t i = 0; i < ARRAY_LENGTH(GROUPS); i++)
        if (strcmp(GROUPS[i].name, group) == 0)
            return GROUPS[i].summary;
    return NULL;
}

bool
command_begins_group(size_t index)
{
    const char *group = COMMANDS[index].group;

    for (size_t i = 0; group != NULL && i < index; i++)
        if (COMMANDS[i].group != NULL && strcmp(COMMANDS[i].group, group) == 0)
            return false;
    return group != NULL;
}
