"""`raytrail logins`: pulls Access logins, by hand or as a process of the service, and explains one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from queries.escape import for_terminal
from queries.period import Period
from raytrail.errors import CannotDo
from schema.dataset import datasets
from schema.errors import RaytrailError
from store.errors import DiskFailed
from store.log import Log
from store.store import Store
from upstream.connection import Connection
from upstream.errors import ApiRefused
from upstream.logins import access_log, login_events
from upstream.logins.access_log import AccessLog
from upstream.logins.answer import Answer
from upstream.logins.login_events import LoginEvents, open_events
from upstream.logins.pull import Pull, PulledWindow, Source
from upstream.logins.record import line_of
from upstream.logins.verdict import verdict
from upstream.options import ApiOptions
from upstream.place import find_account
from upstream.window import Window, steps

# A Ray ID is 16 hex digits; the header and the page of a refusal add the data centre.
RAY_ID = re.compile(r"([0-9a-fA-F]{16})(?:-[A-Za-z]{3})?")

# Whoever asks about a 403 has just seen it. Further back by --since.
RAY_REACH = timedelta(days=30)

NOT_PULLED = "logins not pulled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source: what was pulled, and what ended it before its time."""

    dataset: str
    pulled: tuple[PulledWindow, ...]
    error: RaytrailError | None

    @property
    def is_wrong(self) -> bool:
        return self.error is not None or any(each.is_cut for each in self.pulled)


def pull(store: Store, options: ApiOptions, account: str, period: Period) -> Iterator[Outcome]:
    """Both sources, one after the other; trouble with one does not keep the other from working."""
    with Connection(options) as connection:
        account_id = find_account(connection, account).id
        openers: dict[str, Callable[[], Source]] = {
            access_log.DATASET: lambda: AccessLog(connection, account_id),
            login_events.DATASET: lambda: open_events(connection, account_id),
        }
        for dataset, opened in openers.items():
            yield _pull(store, dataset, opened, period)


def _pull(store: Store, dataset: str, opened: Callable[[], Source], period: Period) -> Outcome:
    done: list[PulledWindow] = []
    try:
        done.extend(Pull(store, opened()).run(period.since, period.until))
    except DiskFailed:
        raise
    except RaytrailError as error:
        return Outcome(dataset, tuple(done), error)
    return Outcome(dataset, tuple(done), None)


def outcome_object(outcome: Outcome) -> dict[str, Any]:
    return {
        "dataset": outcome.dataset,
        "windows": len(outcome.pulled),
        "records": sum(each.records for each in outcome.pulled),
        "fresh": sum(each.fresh for each in outcome.pulled),
        "batches": [batch for each in outcome.pulled for batch in each.batch_ids],
        "cut": [each.window.variables() for each in outcome.pulled if each.is_cut],
        "missed": [_missed(each) for each in outcome.pulled if each.missed_since],
        "error": str(outcome.error) if outcome.error else None,
    }


def _missed(pulled: PulledWindow) -> dict[str, str]:
    since = pulled.missed_since or pulled.window.since
    return Window(since, pulled.window.since).variables()


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    facts = outcome_object(outcome)
    yield (
        f"{outcome.dataset}: {facts['records']:,} records in {facts['windows']:,} windows,"
        f" {facts['fresh']:,} of them new"
    )
    for window in facts["cut"]:
        yield f"  from {window['since']} to {window['until']} Cloudflare holds back some"
    for window in facts["missed"]:
        yield f"  from {window['since']} to {window['until']} nobody asked in time"
    if outcome.error:
        yield f"  not all: {for_terminal(str(outcome.error))}"


def demand_ray_id(text: str) -> str:
    match = RAY_ID.fullmatch(text.strip())
    if match is None:
        raise CannotDo(f"{text!r} is no Ray ID: 16 hex digits, as the page of the 403 shows them")
    return match[1].lower()


@dataclass(frozen=True, slots=True)
class RayFound:
    """The login events of one request, and from when to when they were looked for."""

    ray_id: str
    window: Window
    events: tuple[dict[str, Any], ...]


def look_up_ray(
    store: Store, options: ApiOptions, account: str, ray_id: str, period: Period
) -> RayFound:
    """Ask Cloudflare about one request, the newest days first; what is found is kept as well."""
    with Connection(options) as connection:
        source = open_events(connection, find_account(connection, account).id)
        oldest, _ = source.reach(store.clock())
        until = period.until or store.clock()
        begin = max(oldest, period.since or until - RAY_REACH)
        window = Window(begin, until)
        for part in reversed(list(steps(begin, until, source.limits.span))):
            answer = source.of_ray(ray_id, part)
            if answer.records:
                Pull(store, source).keep(part, [answer])
                return RayFound(ray_id, window, tuple(_events(source, answer)))
    return RayFound(ray_id, window, ())


def _events(source: LoginEvents, answer: Answer) -> Iterator[dict[str, Any]]:
    for record in answer.records:
        event = orjson.loads(line_of(record, datasets()[source.dataset]))
        told = verdict(event)
        yield {
            **event,
            "verdict": {
                "let_in": told.was_let_in,
                "summary": told.summary,
                "reasons": list(told.reasons),
            },
        }


def ray_lines(found: RayFound) -> Iterator[str]:
    if not found.events:
        bounds = found.window.variables()
        yield f"Cloudflare tells no login event of {found.ray_id}"
        yield f"from {bounds['since']} to {bounds['until']}; look elsewhere by --since and --until,"
        yield "and mind that only a request which Access decided about has one."
        return
    for event in found.events:
        told = event["verdict"]
        yield for_terminal(f"{event.get('Datetime')}  Ray ID {event.get('RayID')}")
        yield for_terminal(told["summary"])
        for reason in told["reasons"]:
            yield f"  {for_terminal(reason)}"


@dataclass(frozen=True, slots=True)
class Pulling:
    """The service's own: what a round pulled is logged, and what kept it from pulling."""

    store: Store
    log: Log
    options: ApiOptions
    account: str

    def once(self) -> None:
        for outcome in pull(self.store, self.options, self.account, Period(None, None)):
            facts = outcome_object(outcome)
            if outcome.error:
                tell = self.log.error if isinstance(outcome.error, ApiRefused) else self.log.warning
                tell(NOT_PULLED, dataset=outcome.dataset, reason=str(outcome.error))
            elif facts["cut"] or facts["missed"]:
                self.log.error("logins are missing", **facts)
            elif outcome.pulled:
                self.log.info("logins pulled", **facts)
