"""The same rows in the same order with the same settings give the same bytes.

Whatever the batch size, the fetch, the threads that encode, and however often it is run.
"""

import pytest

import support
import type_reading

# Enough rows for several pages and, with small limits, row groups and parts; columns that take a dictionary,
# that refuse one, that change their mind half-way, with NULLs, lists, and values larger than a batch.
ROWS = 30000
TABLE = f"""
create table facts as
select g as id, g % 7 as small, (g * 7919) % 100003 as wide, nullif(g, g) as never, (g % 1000)::int2 as short,
  case when g % 3 > 0 then g / 7.0::float8 end as ratio, (g % 11)::float4 as step,
  (g * 0.01)::numeric(12,2) as amount, (g * 1234567890123456789::numeric)::numeric(38,0) as huge, (g / 3.0)::numeric as exact,
  timestamp '1969-12-31 12:00:00' + g * interval '1.000001 s' as at, timestamptz '2024-01-01 00:00:00+02' + (g % 50) * interval '1 h' as seen,
  date '1999-12-31' + g % 400 as day, time '00:00' + g * interval '0.5 s' as clock, md5(g::text) as hash, md5(g::text)::uuid as key,
  case when g < {ROWS // 2} then 'same' else md5((g * 3)::text) end as turns, decode(md5((g % 100)::text), 'hex') as bytes,
  case when g % 5 > 0 then array_fill(g % 4, array[g % 6]) end as list, array['a', null, (g % 9)::text] as words,
  ('{{"n": ' || g % 20 || '}}')::jsonb as doc, ('10.0.0.' || g % 200)::inet as host, case when g % 10000 = 0 then repeat('long ' || g, 20000) end as long
from generate_series(1, {ROWS}) g
"""
ORDERED = "select * from facts order by id"
BATCHES = (1, 7, 1000, 50000)


@pytest.fixture(scope="module")
def url():
    with type_reading.fresh_database() as url:
        with support.connect(url) as connection:
            connection.execute(TABLE)
            connection.execute("alter table facts add primary key (id)")
        yield url


def parts(work, name):
    """The contents of all files of an export, in the order of their rows."""
    paths = work.files(name)
    suffix = paths[0].suffix
    first = (lambda path: type_reading.parquet_columns(path)["id"][0]) if suffix == ".parquet" else (lambda path: path.name)
    return [path.read_bytes() for path in sorted(paths, key=first)]


def assert_all_equal(work, url, variants, query=ORDERED, **common):
    """variants: {name: what differs}."""
    work.write(*({"name": name, "query": query, "format": "parquet", **common, **variant} for name, variant in variants.items()), source={"url": url})
    work.run(timeout=180)
    contents = {name: parts(work, name) for name in variants}
    reference = next(iter(contents.values()))
    different = [name for name, content in contents.items() if content != reference]
    assert not different, f"not like the first: {different}; parts {({name: list(map(len, content)) for name, content in contents.items()})}"
    return reference


def tunings(fetches=("copy", "cursor"), batches=BATCHES):
    return {f"{fetch}-{batch}": {"tuning": {"fetch": fetch, "batch_size": batch}} for fetch in fetches for batch in batches}


def test_batch_size_and_fetch(work, url):
    """One file of one row group; a cursor that fetches single rows included."""
    (content,) = assert_all_equal(work, url, tunings())
    path = work.path / "one.parquet"
    path.write_bytes(content)
    assert type_reading.parquet_columns(path)["id"] == list(range(1, ROWS + 1))


def test_row_groups(work, url):
    """Row groups are cut by rows and settings, not by batches."""
    import pyarrow.parquet
    (content,) = assert_all_equal(work, url, tunings(batches=(7, 1000, 50000)), parquet={"row_group_mb": 1, "page_kb": 64})
    path = work.path / "one.parquet"
    path.write_bytes(content)
    assert pyarrow.parquet.ParquetFile(path).num_row_groups > 3


def test_parts(work, url):
    """So are the parts of max_file_size; they are tested every min(batch_size, 1024) rows (spec: parquet §3.5)."""
    contents = assert_all_equal(work, url, tunings(batches=(1024, 1500, 7000, 50000)), max_file_size="512KB")
    assert len(contents) > 3


@pytest.mark.parametrize("batch", [7, 1000])
def test_parts_of_small_batches(work, url, batch):
    assert len(assert_all_equal(work, url, tunings(batches=(batch,)), max_file_size="512KB")) > 3


@pytest.mark.parametrize("codec", ["zstd", "snappy", "gzip", "lz4", "none"])
def test_encode_threads(work, url, codec):
    variants = {f"threads-{threads}-{batch}": {"parquet": {"encode_threads": threads}, "tuning": {"fetch": "copy", "batch_size": batch}}
                for threads in (1, 2, 4) for batch in (997, 50000)}
    assert_all_equal(work, url, variants, compression=codec)


@pytest.mark.parametrize("options", [{"types": "native"}, {"parquet": {"encoding": "modern"}}, {"parquet": {"dictionary": False}}, {"parquet": {"statistics": False}}],
                         ids=lambda options: str(options).replace("'", ""))
def test_other_settings(work, url, options):
    assert_all_equal(work, url, tunings(batches=(7, 50000)), **options)


def test_settings_do_make_a_difference(work, url):
    """Else the comparisons above would prove little."""
    settings = [{}, {"types": "native"}, {"compression": "none"}, {"parquet": {"dictionary": False}}, {"parquet": {"row_group_mb": 1}}]
    work.write(*({"name": f"s{i}", "query": ORDERED, "format": "parquet", **options} for i, options in enumerate(settings)), source={"url": url})
    work.run()
    assert len({parts(work, f"s{i}")[0] for i in range(len(settings))}) == len(settings)


def test_csv(work, url):
    (content,) = assert_all_equal(work, url, tunings(batches=(1, 7, 50000)), format="csv")
    assert content.count(b"\n") == ROWS + 1


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_compressed_csv(work, url, codec):
    work.write(*({"name": name, "query": ORDERED, "format": "csv", "compression": codec, **variant} for name, variant in tunings(batches=(7, 50000)).items()), source={"url": url})
    work.run()
    assert len({work.files(name)[0].read_bytes() for name in tunings(batches=(7, 50000))}) == 1


def test_memory_batches(work, url):
    """batch_size_memory_mb sets the fetch, not the file."""
    variants = {"rows": {"tuning": {"fetch": "cursor", "batch_size": 333}},
                **{f"memory-{mb}": {"tuning": {"fetch": "cursor", "batch_size_memory_mb": mb}} for mb in (1, 64)}}
    assert_all_equal(work, url, variants)


def test_runs_repeat(work, url):
    """Later runs and pauses between batches change nothing; the clock is not in the file."""
    work.write({"name": "again", "query": ORDERED, "tuning": {"fetch": "cursor", "batch_size": 5000}}, source={"url": url})
    work.run()
    work.write({"name": "again", "query": ORDERED, "tuning": {"fetch": "cursor", "batch_size": 9000, "throttle_ms": 20, "profile": "safe"}}, source={"url": url})
    work.run()
    one, two = work.files("again")
    assert one.read_bytes() == two.read_bytes()


def test_the_order_of_rows_is_the_order_of_the_query(work, url):
    assert_all_equal(work, url, tunings(batches=(7, 50000)), query="select id, hash from facts order by hash collate \"C\" desc")
