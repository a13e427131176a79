"""A table whose rows change their key all the time, and the proof that what was read is one moment of it."""

import random
import threading

ROWS = 4000
QUERY = "select id, n from moving"


class Mover(threading.Thread):
    """Moves rows from one end of the key to the other, again and again. n and its twin move together, and
    never share a chunk."""

    def __init__(self, server):
        super().__init__()
        self.server, self.stopping, self.moves = server, threading.Event(), 0
        self.start()

    def run(self):
        with self.server.connect(autocommit=False) as connection:
            while not self.stopping.is_set():
                chosen = random.sample(range(1, ROWS // 2 + 1), 20)
                twins = [ROWS + 1 - n for n in chosen]
                # One writer after the other: what is asked for here is no test of deadlocks.
                connection.execute("update turn set taken = taken + 1")
                connection.execute(f"update moving set id = -id where n in ({', '.join(map(str, chosen + twins))})")
                connection.commit()
                self.moves += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()


def table(server):
    server.execute("drop table if exists turn", "create table turn (taken int)", "insert into turn values (0)",
                   "drop table if exists moving", "create table moving (id int primary key, n int not null unique)",
                   f"insert into moving select g, g from {server.series(ROWS)}", "analyze moving" if server.name == "postgres" else "analyze table moving")


def check_one_moment(rows):
    assert sorted(row[1] for row in rows) == list(range(1, ROWS + 1)), "rows are missing or doubled"
    side = {n: id > 0 for id, n in rows}
    assert all(abs(id) == n for id, n in rows)
    apart = [n for n in range(1, ROWS // 2 + 1) if side[n] != side[ROWS + 1 - n]]
    assert not apart, f"{len(apart)} pairs of rows come from two moments"
