"""A real store of a made-up company: its batches received, loaded and judged for completeness."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from raytrail import inference
from store.files.reserve import Reserve
from store.intake.limits import IntakeLimits
from store.registers import applications, coverage
from store.registers.application_version import Application
from store.registers.coverage import HourVerdict, JobHours
from store.registers.verdicts import HOUR, Complete, Partial
from store.store import Store
from tests.factories import Clock, compact, load, send
from tests.findings.world.days import LONG_SESSION
from tests.findings.world.planted.time_hits import JOB
from tests.findings.world.sites import GIT
from tests.findings.world.world import World

# Machines that run the tests are often nearly full.
ROOMY = IntakeLimits(reserve=Reserve(bytes_min=0, percent_min=0.0))


@contextmanager
def store_of(world: World, folder: Path, *, is_compacted: bool = False) -> Iterator[Store]:
    """`is_compacted` merges as a service would have done; only loaded rows are in parts."""
    start = datetime.combine(world.shape.first_day, datetime.min.time())
    clock = Clock(start)
    with Store.create(folder, clock, ROOMY) as store:
        applications.record(store.catalog, clock(), _applications(world))
        for batch in world.batches:
            clock.now = max(clock.now, batch.received_at)
            send(store, batch.body, batch.dataset)
        load(store)
        loaded = store.status().datasets.values()
        assert sum(each.rows for each in loaded) == world.records, "records were lost"
        assert not any(each.misfits for each in loaded), "fields have the wrong type"
        if world.shape.has_logins and world.shape.mail_names < 1:
            inference.judge(store, ())
        coverage.record(store.catalog, clock(), [_hours(world, start, clock())])
        if is_compacted:
            clock.move(days=1)
            compact(store)
        yield store


def _applications(world: World) -> list[Application]:
    lasts = {GIT.host: f"{int(LONG_SESSION // 3600) + 24}h"}
    return [
        Application(
            id=f"application-{host}",
            name=host,
            type="self_hosted",
            aud="",
            covers=(host,),
            opens=(),
            session_duration=lasts.get(host, "24h"),
        )
        for host in world.hosts
    ]


def _hours(world: World, since: datetime, until: datetime) -> JobHours:
    """Cloudflare counted everything, and not all of it came in the hours without logging."""
    hours = {}
    hour = since
    while hour < until:
        begin = hour.replace(tzinfo=UTC).timestamp()
        is_lost = any(begin < end and begin + 3600 > start for start, end in world.silent_hours)
        verdict = Partial(1, "Cloudflare uploaded nothing") if is_lost else Complete()
        hours[hour] = HourVerdict(verdict, None)
        hour += HOUR
    return JobHours(dataset="http_requests", job=JOB, place="zone", hours=hours)


def judged_period(world: World) -> tuple[datetime, datetime]:
    """The last three weeks, in UTC without a zone."""
    since = datetime.combine(world.shape.judged_from, datetime.min.time())
    until = datetime.combine(world.shape.last_day, datetime.min.time()) + timedelta(days=1)
    return since, until
