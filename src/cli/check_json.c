#include "cli/check_report.h"

#include "cli/table.h"
#include "format/format.h"
#include "preflight/target_view.h"

enum { DOCUMENT_VERSION = 1 };

/* The text a function appends. */
static json_t *
take_text(Buffer *text)
{
    json_t *value = json_stringn((const char *)text->data, text->size);

    buffer_release(text);
    return value == NULL ? json_null() : value;
}

static json_t *
optional_int(OptionalInt value)
{
    return value.is_set ? json_integer(value.value) : json_null();
}

static json_t *
texts(const char *const *items, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, table_json_text(items[i]));
    return list;
}

static json_t *
json_column(const ExportConfig *export, const ColumnSchema *column)
{
    Buffer type = {0};
    Buffer view = {0};
    json_t *object = json_object();

    format_type_text(export->format, column, &type);
    json_object_set_new(object, "name", table_json_text(column->name));
    json_object_set_new(object, "source_type", table_json_text(column->source_type));
    json_object_set_new(object, "type", take_text(&type));
    json_object_set_new(object, "is_exact", json_boolean(column->is_exact));
    if (export->target != TARGET_NONE && export->format == FORMAT_PARQUET) {
        target_view(export->target, &column->type, &view);
        json_object_set_new(object, "target_type", take_text(&view));
    }
    return object;
}

static json_t *
json_columns(const ExportCheck *check)
{
    json_t *list = json_array();

    for (size_t i = 0; i < check->plan->schema->column_count; i++)
        json_array_append_new(list, json_column(check->export, &check->plan->schema->columns[i]));
    return list;
}

static void
set_advice(json_t *object, const Advice *advice)
{
    json_object_set_new(object, "verdict", json_string(verdict_word(advice->verdict)));
    json_object_set_new(object, "recommended_profile", json_string(profile_word(advice->profile)));
    json_object_set_new(object, "recommended_parallel", json_integer(advice->parallel));
    json_object_set_new(object, "parallel_reason", json_string(advice->parallel_reason));
    json_object_set_new(object, "warnings", texts(advice->warnings, advice->warning_count));
    json_object_set_new(object, "suggestion", table_json_text(advice->suggestion));
}

static void
set_facts(json_t *object, const ExportCheck *check)
{
    json_object_set_new(object, "row_estimate", optional_int(check->facts.row_estimate));
    json_object_set_new(object, "range_column", table_json_text(check_range_column(check)));
    json_object_set_new(object, "range_min", table_json_text(check->range_min));
    json_object_set_new(object, "range_max", table_json_text(check->range_max));
    json_object_set_new(object, "chunks", json_integer((json_int_t)check->window_count));
    json_object_set_new(object, "scan", table_json_text(check->facts.scan_text));
    json_object_set_new(object, "uses_index", json_boolean(check->facts.uses_index));
    json_object_set_new(object, "statements", json_integer((json_int_t)check->statement_count));
    json_object_set_new(object, "longest_statement_s", json_real(check->statement_s));
}

static json_t *
json_export(const ExportCheck *check, bool with_types)
{
    json_t *object = json_object();
    Buffer strategy = {0};

    check_strategy_text(check->export, &strategy);
    json_object_set_new(object, "export", table_json_text(check->export->name));
    json_object_set_new(object, "strategy", take_text(&strategy));
    json_object_set_new(object, "mode", json_string(export_mode_word(check->export->mode)));
    if (check->error.code != ERR_NONE) {
        json_object_set_new(object, "error", table_json_text(check->error.message));
        json_object_set_new(object, "error_kind", json_string(error_name(check->error.code)));
        json_object_set_new(object, "hint", table_json_text(check->error.hint));
        return object;
    }
    set_facts(object, check);
    set_advice(object, &check->advice);
    json_t *notes = texts(check->plan->warnings, check->plan->warning_count);
    for (size_t i = 0; i < check->note_count; i++)
        json_array_append_new(notes, table_json_text(check->notes[i]));
    json_object_set_new(object, "notes", notes);
    if (with_types)
        json_object_set_new(object, "columns", json_columns(check));
    return object;
}

static json_t *
json_source(const Check *check)
{
    const ServerFacts *server = &check->server;

    return json_pack("{so so so so so so sb so so sb so}", "identity",
                     table_json_text(check->source_identity), "server",
                     table_json_text(check->server_version), "connections_free",
                     optional_int(server->connections_free), "connections_max",
                     optional_int(server->connections_max), "statement_timeout_ms",
                     optional_int(server->statement_timeout_ms), "idle_timeout_ms",
                     optional_int(server->idle_timeout_ms), "is_standby", server->is_standby,
                     "standby_lag_ms", optional_int(server->standby_lag_ms), "standby_patience_ms",
                     optional_int(server->standby_patience_ms), "is_pooled", server->is_pooled,
                     "tls", table_json_text(server->tls));
}

json_t *
check_report_json(const Check *check, const char *config_path, bool with_types)
{
    json_t *list = json_array();

    for (size_t i = 0; i < check->count; i++)
        json_array_append_new(list, json_export(&check->exports[i], with_types));
    return json_pack("{si so so so}", "version", DOCUMENT_VERSION, "config",
                     table_json_text(config_path), "source", json_source(check), "exports", list);
}
