"""What `raytrail doctor` finds at Cloudflare: what is sent here, against what should be.

Each finding says what it means for the completeness of the record. What differs from the last
look becomes an entry of the ledger.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from raytrail.commands.setup import setup
from raytrail.doctor import logpush_job
from raytrail.doctor.finding import Finding, Grade
from raytrail.settings import Settings
from schema.errors import RaytrailError
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.registers import drifts
from store.store import Store
from store.timestamps import Clock
from upstream import cloudflare_clock
from upstream.connection import Connection
from upstream.errors import EndpointNotReady
from upstream.logpush import certificate, endpoint
from upstream.logpush.destination import public_address
from upstream.logpush.plan import Plan, PlannedJob, PlannedObject
from upstream.options import ApiOptions

# Their clock is told in whole seconds, and an answer may take some.
CLOCK_SECONDS_MAX = 10.0
# Renewed by a machine it has a month left at least; below this, the machine has failed.
CERTIFICATE_DAYS_MIN = 14


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked at, where, and by whose clock."""

    options: ApiOptions
    wish: setup.Wish
    known: setup.Tokens
    layout: Layout
    clock: Clock

    def findings(self) -> Iterator[Finding]:
        try:
            public_address(self.wish.public_url)
            with Connection(self.options) as connection:
                yield _clock(connection, self.clock)
                plan = setup.look(connection, self.wish, self.known)
        except RaytrailError as error:
            yield _not_looked_at(str(error))
            return
        now = self.clock()
        for each in plan.all():
            yield from logpush_job.findings(each, now)
        for held in plan.withheld:
            yield logpush_job.withheld(held)
        yield from _address(self.wish.public_url, plan, self.clock)
        self._remember(plan)

    def _remember(self, plan: Plan) -> None:
        # A store that cannot be opened is told of elsewhere.
        troubles = (StoreUnavailable, StoreBusy, StoreDamaged, DiskFailed, NoRoom)
        with (
            contextlib.suppress(*troubles),
            Store.open(self.layout, self.clock, IntakeLimits()) as store,
            store.catalog.write() as transaction,
        ):
            for place, found in _drift(plan).items():
                drifts.record(transaction, place, found, self.clock())


def examine(settings: Settings, place: Path | Layout, clock: Clock) -> Iterator[Finding]:
    """Every finding about Cloudflare, which the settings name."""
    layout = Layout.of(place)
    known = setup.Tokens.of(settings.ingest_tokens(), layout.tokens, setup.fresh_token)
    wish = setup.Wish(
        zones=settings.zones(), account=settings.cloudflare_account, public_url=settings.public_url
    )
    return Looking(settings.api_options(), wish, known, layout, clock).findings()


def _not_looked_at(reason: str) -> Finding:
    return Finding(
        about="upstream",
        grade=Grade.WRONG,
        text=reason,
        means="it is unknown whether every record is sent here",
        helps="see docs/setup.md for what the API token needs",
    )


def _clock(connection: Connection, clock: Clock) -> Finding:
    seconds = (clock() - cloudflare_clock.read(connection)).total_seconds()
    text = f"{abs(seconds):.0f} s {'before' if seconds > 0 else 'behind'} Cloudflare's"
    if abs(seconds) <= CLOCK_SECONDS_MAX:
        return Finding(about="clock", grade=Grade.FINE, text=text)
    return Finding(
        about="clock",
        grade=Grade.WRONG,
        text=text,
        means="times of receipt are wrong; retention may delete too early or too late",
        helps="synchronize the machine's clock with NTP",
    )


def _address(public_url: str, plan: Plan, clock: Clock) -> Iterator[Finding]:
    if public_url.startswith("https:"):
        yield _certificate(public_url, clock)
    jobs = tuple(
        job for job in plan.jobs if job.job is not None and job.destination == job.job.destination
    )
    try:
        endpoint.demand(public_address(public_url), jobs)
    except EndpointNotReady as error:
        yield Finding(
            about="endpoint",
            grade=Grade.WRONG,
            text=str(error),
            means="Logpush cannot deliver; a batch is lost when its retries end",
            helps="route the public URL to `raytrail serve`, with no login page before it",
        )
        return
    uploads = f", accepts the test upload of {len(jobs)} jobs" if jobs else ""
    yield Finding(about="endpoint", grade=Grade.FINE, text=f"{public_url} answers{uploads}")


def _certificate(public_url: str, clock: Clock) -> Finding:
    try:
        days = certificate.of(public_url).left(clock()) / timedelta(days=1)
    except EndpointNotReady as error:
        return Finding(
            about="tls",
            grade=Grade.WRONG,
            text=str(error),
            means="Logpush does not send to a server without a trusted certificate",
            helps="install a certificate of a public authority, with its whole chain",
        )
    is_fine = days >= CERTIFICATE_DAYS_MIN
    return Finding(
        about="tls",
        grade=Grade.FINE if is_fine else Grade.WRONG,
        text=f"the certificate is trusted and has {days:.0f} days left",
        means="" if is_fine else "when it expires, Logpush stops delivering",
        helps="" if is_fine else "renew it, and find out why it was not renewed automatically",
    )


def _drift(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """By place, all that is not as it should be, and what could not be looked at."""
    found: dict[str, list[dict[str, Any]]] = {each.place.id: [] for each in plan.all()}
    for each in plan.changes:
        found[each.place.id] += _differing(each)
    for held in plan.withheld:
        found.setdefault(held.place.id, []).append({"what": held.what, "withheld": True})
    return found


def _differing(planned: PlannedObject) -> list[dict[str, Any]]:
    if isinstance(planned, PlannedJob) and planned.is_new:
        return [{"what": planned.what, "missing": True}]
    return [{"what": planned.what, **each.as_object()} for each in planned.differences]
