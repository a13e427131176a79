/* Snapshots that last up to close: of one connection, and one for several. MySQL cannot hand a
 * snapshot on, so all of them begin theirs while nothing can be committed. The lock is held by a
 * connection of its own, because LOCK TABLES ends with the next START TRANSACTION. */
#include "source/mysql/mysql_source.h"

/* Nobody may wait for ever, least of all the writers behind us. */
enum { LOCK_WAIT_MAX_S = 60 };

bool
my_hold_snapshot(Source *source, const char *id, Error *err)
{
    MySource *my = (MySource *)source;

    if (id != NULL)
        return error_set(err, ERR_UNSUPPORTED,
                         "MySQL cannot hand a snapshot on to another connection");
    my->has_snapshot = false;
    my->holds_snapshot = false;
    my->holds_snapshot = my_reset(my, err) && my_transaction_begin(my, err);
    return my->holds_snapshot;
}

/* Someone who waits to alter the table waits for an open transaction too, and we would wait behind
 * him. */
static bool
leave_transaction(MySource *my, Error *err)
{
    my->holds_snapshot = false;
    return my_reset(my, err) && my_transaction_end(my, err);
}

/* ---- the lock ---- */

static bool
is_listed(const MyPlan *plan, size_t index)
{
    const MyField *field = &plan->fields[index];

    for (size_t i = 0; i < index; i++) {
        const MyField *earlier = &plan->fields[i];
        if (earlier->base_table != NULL && strcmp(earlier->base_alias, field->base_alias) == 0 &&
            strcmp(earlier->base_database, field->base_database) == 0 &&
            strcmp(earlier->base_table, field->base_table) == 0)
            return true;
    }
    return false;
}

/* LOCK TABLES `db`.`t` AS `a` READ, … : the tables that columns come from, by the names that the
 * query has for them. False: there is none. */
static bool
write_lock(const MyPlan *plan, Buffer *sql)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->field_count; i++) {
        const MyField *field = &plan->fields[i];
        if (field->base_table == NULL || is_listed(plan, i))
            continue;
        buffer_append_text(sql, count++ == 0 ? "LOCK TABLES " : ", ");
        select_quote_identifier(&MY_SELECT_DIALECT, field->base_database, sql);
        buffer_append_byte(sql, '.');
        select_quote_identifier(&MY_SELECT_DIALECT, field->base_table, sql);
        buffer_append_text(sql, " AS ");
        select_quote_identifier(&MY_SELECT_DIALECT, field->base_alias, sql);
        buffer_append_text(sql, " READ");
    }
    return count > 0;
}

/* Under LOCK TABLES the server prepares a query only if every table in it is locked. */
static bool
prove_cover(MySource *guard, const MyPlan *plan, Error *err)
{
    MYSQL_STMT *stmt = NULL;
    bool ok = my_prepare(guard, plan->query, &stmt, err);

    if (stmt != NULL)
        mysql_stmt_close(stmt);
    return ok;
}

static bool
lock_tables(MySource *guard, const MyPlan *plan, Error *err)
{
    Buffer sql = {0};

    bool ok = write_lock(plan, &sql)
                  ? my_run(guard, buffer_text(&sql), err) && prove_cover(guard, plan, err)
                  : error_set(err, ERR_QUERY, "no column tells its table");
    buffer_release(&sql);
    return ok;
}

static bool
refuse(const Error *denied, Error *err)
{
    err->hint = "grant LOCK TABLES on the database (or RELOAD), or take consistency: default, or "
                "parallel: 1, which reads one moment over one connection";
    return error_set(err, ERR_DENIED,
                     "one snapshot for several connections (consistency: snapshot) needs LOCK "
                     "TABLES on the tables of the query, or RELOAD where it reads more than its "
                     "columns show: %.600s",
                     denied->message);
}

/* The gentle lock first: only writers of these tables wait. What it does not cover needs the whole
 * server to stand still for a moment. */
static bool
stop_writers(MySource *guard, const MyPlan *plan, Error *err)
{
    Error why = ERROR_INIT;
    Error denied = ERROR_INIT;

    if (lock_tables(guard, plan, &why))
        return true;
    if (why.code != ERR_DENIED && why.code != ERR_QUERY) {
        *err = why;
        return false;
    }
    guard->is_running = false; /* refused: nothing runs */
    if (!my_run(guard, "UNLOCK TABLES", err))
        return false;
    if (my_run(guard, "FLUSH TABLES WITH READ LOCK", &denied))
        return true;
    if (denied.code == ERR_DENIED)
        return refuse(why.code == ERR_DENIED ? &why : &denied, err);
    *err = denied;
    return false;
}

static bool
limit_wait(MySource *guard, Error *err)
{
    int64_t limit_s = guard->base.options.tuning->lock_timeout_s;
    char sql[80];

    if (limit_s > 0)
        return true; /* the session has it */
    snprintf(sql, sizeof(sql), "SET SESSION lock_wait_timeout = %d", LOCK_WAIT_MAX_S);
    return my_run(guard, sql, err);
}

/* ---- all together ---- */

static bool
begin_all(Source *const *sources, size_t count, Error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!my_hold_snapshot(sources[i], NULL, err))
            return false;
    return true;
}

bool
my_hold_common_snapshot(Source *const *sources, size_t count, const ReadPlan *plan, Error *err)
{
    MySource *leader = (MySource *)sources[0];
    Source *guard = NULL;

    for (size_t i = 0; i < count; i++)
        if (!leave_transaction((MySource *)sources[i], err))
            return false;
    if (!my_connect(&leader->base.options, &guard, err))
        return false;
    atomic_store(&leader->guard_fd, atomic_load(&((MySource *)guard)->cancel_fd));
    /* A cancel that came before saw no socket to shut. */
    bool ok = !atomic_load(&leader->is_cancelled) && limit_wait((MySource *)guard, err) &&
              my_set_statement_limit((MySource *)guard, 0, err) &&
              stop_writers((MySource *)guard, plan->driver_plan, err) &&
              begin_all(sources, count, err);
    atomic_store(&leader->guard_fd, -1);
    source_close(guard);
    if (ok || !atomic_load(&leader->is_cancelled))
        return ok;
    error_clear(err); /* what the broken lock connection says is no news */
    return my_check_cancelled(leader, err);
}
