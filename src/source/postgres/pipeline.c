#include "source/postgres/postgres.h"

bool
pg_pipeline_start(PgSource *pg, PgPipeline *pipeline, Error *err)
{
    bool is_begin_queued = pg->is_begin_queued;

    *pipeline = (PgPipeline){.pg = pg};
    pg->is_begin_queued = false;
    if (!pg_settle(pg, err) || !pg_check_cancelled(pg, err))
        return false;
    if (PQenterPipelineMode(pg->conn) == 0)
        return pg_error_connection(pg, err);
    return !is_begin_queued || pg_send_begin(pipeline, err);
}

bool
pg_pipeline_sent(PgPipeline *pipeline, int is_sent, Error *err)
{
    pipeline->sent++;
    return is_sent != 0 || pg_error_connection(pipeline->pg, err);
}

bool
pg_pipeline_add(PgPipeline *pipeline, const char *sql, Error *err)
{
    PGconn *conn = pipeline->pg->conn;

    return pg_pipeline_sent(pipeline, PQsendQueryParams(conn, sql, 0, NULL, NULL, NULL, NULL, 0),
                            err);
}

void
pg_pipeline_ask(PgPipeline *pipeline)
{
    pipeline->asked = pipeline->sent + 1;
}

/* Takes answers up to the end of the pipeline; a NULL stands between those of two statements. After
 * an error the server passes over the rest. */
static bool
take_answers(const PgPipeline *pipeline, PGresult **answer, Error *err)
{
    PgSource *pg = pipeline->pg;
    size_t number = 1;

    while (number <= pipeline->sent + 1) {
        PGresult *result = NULL;
        if (!pg_next_result(pg, &result, err))
            return false;
        if (result == NULL && PQstatus(pg->conn) != CONNECTION_OK)
            break;
        ExecStatusType status = result == NULL ? PGRES_EMPTY_QUERY : PQresultStatus(result);
        bool is_wanted = result != NULL && number == pipeline->asked && *answer == NULL;
        number += result == NULL;
        if (result != NULL && pg_is_failure(result))
            pg_error_result(pg, result, err);
        if (is_wanted)
            *answer = result;
        else
            PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return true;
    }
    return pg_error_connection(pg, err);
}

bool
pg_pipeline_finish(PgPipeline *pipeline, PGresult **out, Error *err)
{
    PgSource *pg = pipeline->pg;
    PGresult *answer = NULL;
    bool ok = (PQpipelineSync(pg->conn) != 0 || pg_error_connection(pg, err)) &&
              take_answers(pipeline, &answer, err) &&
              (PQexitPipelineMode(pg->conn) != 0 || pg_error_connection(pg, err)) &&
              err->code == ERR_NONE;

    if (ok && out != NULL)
        *out = answer;
    else
        PQclear(answer);
    return ok;
}

bool
pg_flush_begin(PgSource *pg, Error *err)
{
    PgPipeline pipeline;

    return !pg->is_begin_queued ||
           (pg_pipeline_start(pg, &pipeline, err) && pg_pipeline_finish(&pipeline, NULL, err));
}

bool
pg_run_command(PgSource *pg, const PgCommand *command, PGresult **out, Error *err)
{
    PgPipeline pipeline;

    if (!pg_pipeline_start(pg, &pipeline, err) ||
        (command->before != NULL && !pg_pipeline_add(&pipeline, command->before, err)))
        return false;
    pg_pipeline_ask(&pipeline);
    return pg_pipeline_sent(&pipeline,
                            PQsendQueryParams(pg->conn, command->sql, (int)command->count, NULL,
                                              command->values, NULL, NULL, command->is_binary),
                            err) &&
           (command->after == NULL || pg_pipeline_add(&pipeline, command->after, err)) &&
           pg_pipeline_finish(&pipeline, out, err);
}

bool
pg_run_params(PgSource *pg, const char *sql, size_t count, const char *const *values,
              PGresult **out, Error *err)
{
    return pg_run_command(pg, &(PgCommand){.sql = sql, .count = count, .values = values}, out, err);
}
