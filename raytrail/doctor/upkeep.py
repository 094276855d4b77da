"""Checks of jobs: when logins were last pulled, hours last judged, the catalog made again, what a
wrong clock left, and what `raytrail fsck` last found.

A job that never ran gives no finding, because it may not be wanted.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from raytrail.commands.plurals import counted
from raytrail.doctor.finding import Finding, Grade
from store.fsck import last_check
from store.fsck.last_check import LastCheck
from store.reading import raw_days
from store.reading.raw_days import WrongDay
from store.registers import coverage, fetches, rebuilds
from store.registers.rebuilds import Rebuild
from store.store import Store

# `serve` pulls every few minutes, ten minutes behind the present.
LOGINS_AGE_MAX = timedelta(hours=1)
# `raytrail coverage` may run once a day, and the last two hours are too recent to judge.
COVERAGE_AGE_MAX = timedelta(days=2)


def examine(store: Store) -> Iterator[Finding]:
    now = store.clock()
    for dataset, until in sorted(fetches.positions(store.catalog).items()):
        yield _pulled(dataset, until, now)
    with store.catalog.read() as connection:
        judged_until = coverage.judged_until(connection)
        rebuilt = rebuilds.latest(connection)
        wrong = list(raw_days.wrong_days(connection, store.layout, now.date()))
        checked = last_check.latest(connection)
    if judged_until is not None:
        yield _judged(judged_until, now)
    if rebuilt is not None:
        yield _rebuilt(rebuilt)
    yield from map(_wrong_day, wrong)
    if checked is not None:
        yield _checked(checked, now)


def _pulled(dataset: str, until: datetime, now: datetime) -> Finding:
    is_fine = now - until <= LOGINS_AGE_MAX
    return Finding(
        about="logins",
        grade=Grade.FINE if is_fine else Grade.WRONG,
        dataset=dataset,
        text=f"pulled up to {until:%Y-%m-%d %H:%M}, {_age(now - until)} ago",
        means="" if is_fine else "trails lack the logins since then",
        helps=""
        if is_fine
        else "`raytrail logins pull` shows the reason; `raytrail serve` pulls in the background",
    )


def _judged(until: datetime, now: datetime) -> Finding:
    is_fine = now - until <= COVERAGE_AGE_MAX
    return Finding(
        about="coverage",
        grade=Grade.FINE if is_fine else Grade.NOTE,
        text=f"hours were checked up to {until:%Y-%m-%d %H:%M}, {_age(now - until)} ago",
        means="" if is_fine else "it is unknown whether records since then are missing",
        helps="" if is_fine else "`raytrail coverage`, while Cloudflare still has its counts",
    )


def _rebuilt(found: Rebuild) -> Finding:
    at = f"{found.at[:19]}Z"
    return Finding(
        about="rebuilt",
        grade=Grade.WRONG if found.unknown else Grade.NOTE,
        alarm=f"rebuilt/{at}",
        amount=found.unknown,
        text=f"the catalog was made again at {at}, because {found.why}",
        means=f"{counted(found.unknown, 'thing')} could not be known"
        if found.unknown
        else "every batch, row and hold is there",
        helps="find out why the catalog was lost; the log of `serve` (`not known after the rebuild`)"
        " or the output of `raytrail rebuild` names what could not be known",
    )


def _wrong_day(found: WrongDay) -> Finding:
    when = (
        f"; by the order of the ledger they came about {found.received}" if found.received else ""
    )
    return Finding(
        about="day",
        grade=Grade.WRONG,
        alarm=f"day/{found.day}",
        amount=found.bodies,
        text=f"raw/{found.day} does not fit the days of the ledger: {counted(found.bodies, 'body')}"
        f"{when}",
        means="the clock was wrong for a while; retention counts the age of these bodies from that day",
        helps="check the clock; docs/operations.md says what to do with the folder",
    )


def _checked(last: LastCheck, now: datetime) -> Finding:
    kinds = ", ".join(f"{amount:,} {kind}" for kind, amount in sorted(last.kinds.items()))
    how = "`raytrail fsck --deep`" if last.is_deep else "`raytrail fsck`"
    text = f"{how} looked at {counted(last.files, 'file')} {_age(now - last.started_at)} ago"
    return Finding(
        about="fsck",
        grade=Grade.WRONG if last.findings else Grade.FINE,
        text=f"{text} and found {kinds}" if last.findings else f"{text} and found nothing",
        means="answers may be wrong, or lack rows" if last.findings else "",
        helps="`raytrail fsck` says what and where; it is noted here until one finds nothing"
        if last.findings
        else "",
    )


def _age(age: timedelta) -> str:
    hours = age / timedelta(hours=1)
    return f"{hours * 60:.0f} minutes" if hours < 2 else f"{hours:.0f} hours"  # noqa: PLR2004
