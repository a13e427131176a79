"""`consistency`: one moment for all chunks, on each server, while writers move rows between them."""

import re
import threading

import pytest

import chunked
import moving
import servers
import support

@pytest.fixture(scope="module", params=servers.ALL, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


@pytest.fixture(params=servers.ALL[1:], ids=lambda server: server.name)
def mysql(request):
    request.param.prepare()
    return request.param


def write(work, server, port=None, **fields):
    tuning = {"max_retries": 1, "retry_backoff_ms": 10, **fields.pop("tuning", {})}
    work.write(chunked.export(query=moving.QUERY, chunk_size=200, **fields), source=server.source(port=port, **tuning))


@pytest.mark.parametrize("parallel, consistency, checkpoint", [(1, "default", False), (1, "snapshot", False), (4, "snapshot", False), (4, "snapshot", True)])
def test_one_moment(server, work, parallel, consistency, checkpoint):
    moving.table(server)
    with chunked.Valve(200000, server.port) as valve, moving.Mover(server) as one, moving.Mover(server) as other:
        write(work, server, valve.port, parallel=parallel, consistency=consistency, chunk_checkpoint=checkpoint)
        support.wait_for(lambda: one.moves > 3 and other.moves > 3)
        before = one.moves + other.moves
        run = work.run("--reconcile")
        assert one.moves + other.moves > before + 20, "nobody wrote meanwhile"
    moving.check_one_moment(support.parquet_rows(*work.files("a")))
    assert run.summary("a")["reconcile"] == f"MATCH ({moving.ROWS}/{moving.ROWS})"
    if checkpoint:
        assert work.manifests("a")[0]["consistency"] == "one snapshot"


@pytest.mark.parametrize("parallel", [1, 3])
def test_row_numbers_come_from_one_snapshot(server, work, parallel):
    """chunk_dense over several connections is right only in one snapshot, whatever `consistency` says."""
    moving.table(server)
    with chunked.Valve(200000, server.port) as valve, moving.Mover(server) as mover:
        write(work, server, valve.port, parallel=parallel, chunk_dense=True)
        support.wait_for(lambda: mover.moves > 3)
        work.run()
    moving.check_one_moment(support.parquet_rows(*work.files("a")))


# ---- a connection lost with the snapshot in it ----

def cutting(server, workers=0):
    """In the second chunk of the first connection: it may get no more of them. One worker alone asks for no snapshot."""
    return chunked.SnapshotCut(12000 if server.name == "postgres" else 7000, server.port, workers)


@pytest.mark.parametrize("checkpoint", [False, True])
def test_others_read_on(server, work, checkpoint):
    """Whoever loses the snapshot leaves its chunk to those who have it."""
    moving.table(server)
    with cutting(server, workers=3) as proxy, moving.Mover(server):
        write(work, server, proxy.port, parallel=3, consistency="snapshot", chunk_checkpoint=checkpoint)
        run = work.run(env={"RUST_LOG": "warn"})
    assert "goes to another worker, 2 are left" in run.err, run.text
    moving.check_one_moment(support.parquet_rows(*work.files("a")))
    if checkpoint:
        assert {task[1] for task in chunked.state_chunks(work)[1]} == {"completed"}


def test_the_last_one_ends_the_run(server, work):
    moving.table(server)
    with cutting(server) as proxy:
        write(work, server, proxy.port, consistency="snapshot", chunk_checkpoint=True, tuning={"max_retries": 3, "retry_backoff_ms": 20000})
        run = work.run(check=5, timeout=15)
        assert "--resume" in run.err, run.text
        states = [task[1] for task in chunked.state_chunks(work)[1]]
        assert set(states) == {"completed", "pending"}, "a chunk was blamed for its connection"
        resumed = work.run("--resume", env={"RUST_LOG": "info"})
    assert "in a new snapshot" in resumed.err
    support.assert_same_rows(support.parquet_rows(*work.files("a")), server.rows(moving.QUERY))
    assert "several snapshots" in work.manifests("a")[0]["consistency"]


def test_a_plain_run_starts_again(server, work):
    moving.table(server)
    with cutting(server) as proxy:
        write(work, server, proxy.port, consistency="snapshot", tuning={"max_retries": 3, "retry_backoff_ms": 20000})
        assert "start again" in work.run(check=5, timeout=15).err
        assert work.files() == [] and work.leftovers() == []
        work.run()
    support.assert_same_rows(support.parquet_rows(*work.files("a")), server.rows(moving.QUERY))


# ---- the lock of MySQL and MariaDB ----

@pytest.fixture
def few(mysql):
    """(user, grant): an account that may read the database and nothing else; grants are added."""
    user = f"few_{servers.os.getpid()}"
    mysql.execute(f"drop user if exists {user}", f"create user {user} identified by 'few'", f"grant select on {servers.DATABASE}.* to {user}")
    yield f"{user}:few", lambda right, on=f"{servers.DATABASE}.*": mysql.execute(f"grant {right} on {on} to {user}")
    mysql.execute(f"drop user {user}")


def write_as(work, server, user, **fields):
    work.write(chunked.export(**{"query": moving.QUERY, "chunk_size": 500, "parallel": 3, "consistency": "snapshot", **fields}),
               source=server.source(user=user, max_retries=0))


def test_a_right_is_missing(mysql, few, work):
    user, grant = few
    moving.table(mysql)
    write_as(work, mysql, user)
    run = work.run(check=1)
    for word in ("LOCK TABLES", "RELOAD", "consistency: default", "parallel: 1"):
        assert word in run.err, run.text
    assert work.files() == [] and work.query_state("select count(*) from run") == [(0,)]
    write_as(work, mysql, user, parallel=1)
    work.run()
    grant("lock tables")
    write_as(work, mysql, user)
    work.run()
    assert sum(len(support.parquet_rows(path)) for path in work.files("a")) == 2 * moving.ROWS


def test_more_tables_than_columns_show(mysql, few, work):
    """LOCK TABLES would leave them out: the whole server has to stand still."""
    user, grant = few
    moving.table(mysql)
    mysql.execute("drop table if exists chosen", "create table chosen as select n from moving where n % 2 = 0", "create index chosen_n on chosen (n)")
    query = "select id, n from moving where n in (select n from chosen)"
    grant("lock tables")
    write_as(work, mysql, user, query=query)
    run = work.run(check=1)
    assert "RELOAD" in run.err and "more than its columns show" in run.err, run.text
    grant("reload", on="*.*")
    work.run()
    support.assert_same_rows(support.parquet_rows(*work.files("a")), mysql.rows(query))


@pytest.mark.parametrize("query", ["select a.id, b.n from moving a join moving b on a.id = b.id", "select id * 1 as id, n + 0 as n from moving",
                                   "select twice as id, n from seen", "select x.id, x.n from (select id, n from moving) x"])
def test_aliases_views_and_expressions(mysql, work, query):
    moving.table(mysql)
    mysql.execute("drop view if exists seen", "create view seen as select id * 2 as twice, n from moving")
    work.write(chunked.export(query=query, chunk_size=500, parallel=3, consistency="snapshot"), source=mysql.source())
    work.run()
    support.assert_same_rows(support.parquet_rows(*work.files("a")), mysql.rows(query))


def test_an_open_transaction_is_not_waited_for_for_ever(mysql, work):
    moving.table(mysql)
    with mysql.connect(autocommit=False) as writer:
        writer.execute("update moving set id = -id where n = 1")
        write(work, mysql, parallel=3, consistency="snapshot", tuning={"lock_timeout_s": 1, "max_retries": 0})
        run = work.run(check=1)
        assert "ock wait timeout" in run.err, run.text
        writer.commit()
    work.run()
    support.assert_same_rows(support.parquet_rows(*work.files("a")), mysql.rows(moving.QUERY))


def test_a_signal_while_the_lock_is_waited_for(mysql, work):
    moving.table(mysql)
    with mysql.connect(autocommit=False) as writer:
        writer.execute("update moving set id = -id where n = 1")
        write(work, mysql, parallel=3, consistency="snapshot")
        process = chunked.start(work)
        waiting = "select count(*) from information_schema.processlist where info like 'LOCK TABLES%' and db = database()"
        support.wait_for(lambda: mysql.rows(waiting) == [(1,)], what="the lock to be asked for")
        process.terminate()
        _, err = process.communicate(timeout=6 * support.PATIENCE)
        assert process.returncode == 143, err
        support.wait_for(lambda: mysql.rows(waiting) == [(0,)], what="the end of the wait")


class LateGuard(chunked.Valve):
    """Keeps the last of four connections waiting for the server's first word: the one that is to hold the lock."""

    def __init__(self, port):
        self.is_opened, self.ended = threading.Event(), 0
        super().__init__(port=port)

    def answer(self, server, client, number):
        if number == 4:
            self.is_opened.wait(60 * support.PATIENCE)
        super().answer(server, client, number)

    def ask(self, client, server):
        super().ask(client, server)
        self.ended += 1


def test_a_signal_before_the_lock_is_asked_for(mysql, work):
    """Then it is not asked for any more, whoever else holds it."""
    moving.table(mysql)
    with mysql.connect(autocommit=False) as writer, LateGuard(mysql.port) as proxy:
        writer.execute("update moving set id = -id where n = 1")
        write(work, mysql, proxy.port, parallel=3, consistency="snapshot")
        process = chunked.start(work)
        support.wait_for(lambda: proxy.connections == 4, what="the connection for the lock")
        process.terminate()
        support.wait_for(lambda: proxy.ended, what="the signal to be seen")
        proxy.is_opened.set()
        _, err = process.communicate(timeout=6 * support.PATIENCE)
    assert process.returncode == 143, err
    assert b"LOCK TABLES" not in proxy.sent and "did not answer" not in err, err


def test_row_numbers_without_the_right(mysql, few, work):
    """One worker reads alone, and says so."""
    user, _ = few
    moving.table(mysql)
    write_as(work, mysql, user, consistency="default", chunk_dense=True)
    run = work.run(env={"RUST_LOG": "warn"})
    assert "one reads alone" in run.err, run.text
    support.assert_same_rows(support.parquet_rows(*work.files("a")), mysql.rows(moving.QUERY))


# ---- none ----

@pytest.mark.parametrize("consistency", ["default", "none"])
def test_pages_without_a_snapshot(mysql, work, consistency):
    moving.table(mysql)
    with chunked.Valve(port=mysql.port) as recorder:
        write(work, mysql, recorder.port, consistency=consistency, parallel=2, tuning={"fetch": "pages"})
        work.run()
    support.assert_same_rows(support.parquet_rows(*work.files("a")), mysql.rows(moving.QUERY))
    read_committed = len(re.findall(rb"ISOLATION LEVEL READ COMMITTED", recorder.sent))
    assert (read_committed == 20) == (consistency == "none"), read_committed
