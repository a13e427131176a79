"""Preconditions."""

import os

from uat import source, world
from uat.registry import row


@row("Pre-P1", "the programs build", limit_s=900)
def builds(place):
    target = f"cmake --build {world.BUILD} --target rivet rivet-seed" if "RIVET_BUILD_DIR" in os.environ else "make"
    place.sh(f"cd {world.ROOT} && {target}", timeout_s=850)
    version = place.sh("rivet --version").out
    assert version.startswith("rivet "), f"rivet --version says {version!r}"
    place.sh("rivet-seed --help")
    return version.strip()


@row("Pre-P2", "both databases answer with rivet/rivet/rivet")
def databases_answer(place):
    facts = []
    for server in (source.POSTGRES, source.MYSQL):
        world.need_service(server.service)
        server.create()
        assert server.query("select 1") == [(1,)], f"{server.name} does not answer select 1"
        facts.append(f"{server.name} {server.query('select version()')[0][0].split(' on ')[0]}")
    return ", ".join(facts)


@row("Pre-P3", "both are fully seeded", limit_s=1800)
def seeded(place):
    facts = []
    for server in (source.POSTGRES, source.MYSQL):
        found = source.prepare(server)
        assert source.is_full(found), f"{server.name}: {found}"
        orphans = server.query("select count(*) from orders o left join users u on u.id = o.user_id where u.id is null")[0][0]
        assert orphans == 0, f"{server.name}: {orphans} orders without their user"
        facts.append(f"{server.name} {found['orders']} orders, {found['events']} events")
    return "; ".join(facts)


@row("Pre-P4", "dev/output exists")
def output_exists(place):
    folder = world.settings.output
    assert folder.is_dir(), f"{folder} does not exist"
    probe = folder / f".uat-{os.getpid()}"
    probe.touch()
    probe.unlink()
    return "writable"
