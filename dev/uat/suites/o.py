"""Suite O: batches by memory."""

import re

from uat import reading, source
from uat.registry import row

COMMAND = "rivet run --config dev/test_memory_batch.yaml"


@row("O1", "batch size by memory")
def memory_batch(place):
    rows = source.prepare(source.POSTGRES)["users"]
    run = place.sh(COMMAND, RUST_LOG="info")
    found = re.search(r"batch_size_memory_mb=10: .*computed batch_size=(\d+)", run.err)
    assert found, run.tail()
    assert found.group(1) == "9910", f"computed batch_size={found.group(1)}"
    reading.assert_profile(run.files, source.POSTGRES, "users", reading.USERS)
    place.edit("test_memory_batch.yaml", "batch_size_memory_mb: 10", "batch_size_memory_mb: 256")
    large = place.sh(COMMAND)
    reading.assert_profile(large.files, source.POSTGRES, "users", reading.USERS)
    return f"batch_size={found.group(1)}, {rows} rows, with 256 MB too"
