/* The YAML loader against any bytes: a Config or an ERR_CONFIG with a place, never a crash. */
#include "config/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const Param PARAMS[] = {{"A", "1"}, {"B", ""}, {"C", "x${A}y: [z"}};

/* What callers do with a loaded configuration, without opening files it names. */
static void
use(const Config *config, const ConfigOptions *options)
{
    Arena arena = {0};
    SourceAddress address;
    Error err = ERROR_INIT;

    for (size_t i = 0; i < config->export_count; i++) {
        const ExportConfig *export = &config->exports[i];
        const char *query;
        Error query_err = ERROR_INIT;
        if (export->query != NULL &&
            !config_resolve_query(config, export, options, &arena, &query, &query_err))
            assert(query_err.code == ERR_CONFIG);
        const ExportConfig *found = NULL;
        bool is_found = config_find_export(config, export->name, &found, &err);
        assert(is_found && found == export);
        (void)is_found;
    }
    if (config->source.url_file == NULL && !config_resolve_source(config, &arena, &address, &err))
        assert(err.code == ERR_CONFIG);
    config_state_path(NULL, "c.yaml", config, &arena);
    arena_release(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int round = 0; round < 2; round++) {
        Config *config = NULL;
        Error err = ERROR_INIT;
        ConfigOptions options = {
            .path = "c.yaml",
            .params = PARAMS,
            .param_count = ARRAY_LENGTH(PARAMS),
            .is_strict = round == 1,
            .allows_unset_in_queries = round == 1,
        };
        if (config_load_text(&options, (const char *)data, size, &config, &err))
            use(config, &options);
        else
            assert(err.code == ERR_CONFIG && err.message[0] != '\0' && config == NULL);
        config_free(config);
    }
    return 0;
}
