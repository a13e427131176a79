"""Suite U: sparse keys."""

import shlex

from uat import reading, source
from uat.registry import row
from uat.suites import b

CHECK = "rivet check --config dev/sparse_chunk_demo.yaml --export orders_sparse_on_id"
DENSE = "rivet run --config dev/sparse_chunk_demo.yaml --export orders_sparse_builtin_dense"


def seed(place, rows=5000, gap=100000):
    source.prepare(source.POSTGRES)
    place.sh(f"rivet-seed --target postgres --only-sparse-chunk-demo --sparse-chunk-rows {rows} --sparse-chunk-id-gap {gap} "
             f"--pg-url {shlex.quote(source.POSTGRES.url)}")
    source.POSTGRES.query("analyze orders_sparse")


@row("U1", "a sparse table")
def sparse(place):
    source.prepare(source.POSTGRES)
    before = source.counts(source.POSTGRES)
    seed(place)
    found = source.POSTGRES.query("select count(*), min(id), max(id) from orders_sparse")[0]
    assert found == (5000, 1, 499900001), f"count, lowest, highest: {found}"
    assert source.counts(source.POSTGRES) == before, "other tables changed"
    return "5000 rows from 1 to 499900001"


@row("U2", "a warning about sparse keys")
def warning(place):
    seed(place)
    warnings = b.blocks(place.sh(CHECK).out)["orders_sparse_on_id"].get("Warning", [])
    sparse_ones = [text for text in warnings if "Sparse key range" in text]
    assert len(sparse_ones) == 1, f"warnings: {warnings}"
    seed(place, gap=1)
    dense = b.blocks(place.sh(CHECK).out)["orders_sparse_on_id"].get("Warning", [])
    assert not [text for text in dense if "Sparse" in text], dense
    return sparse_ones[0][:60]


@row("U3", "chunks by row number")
def by_row_number(place):
    facts = []
    for rows, files in ((5000, 1), (25000, 3)):
        seed(place, rows=rows)
        run = place.sh(DENSE)
        assert len(run.files) == files, f"{len(run.files)} files for {rows} rows"
        assert all(path.parent.name == "sparse_chunk" for path in run.files), run.files
        parts = [reading.csv_rows(path) for path in run.files]
        assert all(header == ["id", "payload"] for header, _ in parts), [header for header, _ in parts]
        want = reading.as_csv(source.POSTGRES.query("select id, payload from orders_sparse"))
        reading.assert_same_rows([tuple(record) for _, records in parts for record in records], want, "orders_sparse")
        facts.append(f"{rows} rows in {files}")
    return ", ".join(facts)
