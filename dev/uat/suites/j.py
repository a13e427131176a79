"""Suite J: the last days."""

from uat import reading, source
from uat.registry import row

COMMAND = "rivet run --config dev/_uat_time_window.yaml"
# 1 day ago, the very bound, one second before it, 30 days ago.
MOMENTS = ["(now() at time zone 'UTC') - interval '1 day'",
           "date_trunc('day', now() at time zone 'UTC') - interval '7 days'",
           "date_trunc('day', now() at time zone 'UTC') - interval '7 days 1 second'",
           "(now() at time zone 'UTC') - interval '30 days'"]
OURS = "event_type = 'rivet uat'"


@row("J1", "time window")
def time_window(place):
    source.prepare(source.POSTGRES)
    query = source.POSTGRES.query
    query(f"delete from events where {OURS}")
    assert query("select count(*) from events where created_at > now() - interval '9 days'") == [(0,)], "the seed has fresh events"
    run = place.sh(COMMAND)
    run.expect("events_window", rows=0)
    assert run.files == [], run.files
    insert = " union all ".join(f"select min(id), 'rivet uat', {moment} from users" for moment in MOMENTS)
    with source.rows_of_ours(source.POSTGRES, f"insert into events (user_id, event_type, created_at) {insert}", f"delete from events where {OURS}"):
        want = query(f"select id, user_id, event_type, created_at from events where {OURS} order by created_at desc limit 2")
        run = place.sh(COMMAND)
        reading.assert_same_rows(reading.parquet_rows(*run.files), want, "the window")
    return "empty without fresh rows; 2 of 4 rows inside"
