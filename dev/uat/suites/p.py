"""Suite P: files of limited size."""

import re

from uat import reading, source, world
from uat.registry import row

COMMAND = "rivet run --config dev/test_file_split.yaml --validate"
# Where P1 ran without a mutation. The run takes a minute, because the profile pauses after each of
# its thousand batches; P2 looks at its files, and runs it only when it has to.
split_places = []


@row("P1", "split into parts")
def split(place):
    rows = source.prepare(source.POSTGRES)["users"]
    run = place.sh(COMMAND)
    run.expect("users_split", rows=rows, validated="pass")
    parts = sorted((int(re.search(r"_part(\d+)\.", path.name).group(1)), path) for path in run.files)
    stamps = {re.sub(r"_part\d+\.parquet$", "", path.name) for path in run.files}
    assert [number for number, _ in parts] == list(range(len(parts))) and len(stamps) == 1, sorted(stamps)[:3]
    paths = [path for _, path in parts]
    assert len(paths) > 1, "a single part"
    reading.assert_profile(paths, source.POSTGRES, "users", reading.USERS)
    small = [path for path in paths[:-1] if path.stat().st_size < 10240 and reading.parquet_count([path]) > 100]
    assert not small, f"{small[0].name} has {small[0].stat().st_size} bytes"
    if not world.settings.edits:
        place.keeps_output = True
        split_places.append(place)
    return f"{len(paths)} parts, {rows} rows"


@row("P2", "more than one part")
def count_parts(place):
    source.prepare(source.POSTGRES)
    if world.settings.edits or not split_places:
        place.sh(COMMAND)
        folder = place.path
    else:
        folder = split_places[-1].path
    count = int(place.sh(f"cd {folder} && ls dev/output/users_split_*_part*.parquet 2>/dev/null | wc -l").out)
    assert count >= 2, f"{count} parts"
    return f"{count} parts"
