/* prepare.h: what every command does that works with a configuration. */
#ifndef RIVET_CLI_PREPARE_H
#define RIVET_CLI_PREPARE_H

#include "cli/command.h"

/* --log-format, from which on log lines have their form. */
void prepare_log(const Arguments *arguments);

/* Loads and logs the warnings. options borrow from arguments; config_free at the end. */
MUST_USE bool prepare_config(const Arguments *arguments, const char *module, ConfigOptions *options,
                             Config **config, Error *err);

/* All exports, or the one that --export names. */
MUST_USE bool prepare_exports(const Config *config, const Arguments *arguments,
                              const ExportConfig **first, size_t *count, Error *err);

/* Where the configuration of today puts the export; NULL when there is none or it knows no such
 * export. One that cannot be read is an error: it says nothing about where parts are.
 * config_free(*config) at the end either way. */
MUST_USE bool prepare_place(const Arguments *arguments, Config **config,
                            const DestinationConfig **place, Error *err);

#endif
