"""Pulls Access logins from Cloudflare into the store, once or as a companion of the service."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from queries.period import Period
from schema.errors import RaytrailError
from store.errors import DiskFailed
from store.log import Log
from store.store import Store
from upstream.connection import Connection
from upstream.errors import ApiRefused
from upstream.logins import access_log, login_events
from upstream.logins.access_log import AccessLog
from upstream.logins.login_events import open_events
from upstream.logins.pull import Pull, PulledWindow, Source
from upstream.options import ApiOptions
from upstream.place import find_account
from upstream.window import Window

NOT_PULLED = "logins not pulled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one source: the windows that were pulled, and the error that ended it, if any."""

    dataset: str
    pulled: tuple[PulledWindow, ...]
    error: RaytrailError | None

    @property
    def is_wrong(self) -> bool:
        return self.error is not None or any(each.is_cut for each in self.pulled)


def pull(store: Store, options: ApiOptions, account: str, period: Period) -> Iterator[Outcome]:
    """Pull both sources in turn; an error in one does not stop the other."""
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


def facts(outcome: Outcome) -> dict[str, Any]:
    """The outcome for `--json` and for the log."""
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


@dataclass(frozen=True, slots=True)
class LoginPuller:
    """Pulls in the background and writes the result of each round to the log."""

    store: Store
    log: Log
    options: ApiOptions
    account: str

    def once(self) -> str | None:
        """Pull, and return what could not be pulled."""
        problems = []
        for outcome in pull(self.store, self.options, self.account, Period(None, None)):
            found = facts(outcome)
            if outcome.error:
                tell = self.log.error if isinstance(outcome.error, ApiRefused) else self.log.warning
                tell(NOT_PULLED, dataset=outcome.dataset, reason=str(outcome.error))
                problems.append(f"{outcome.dataset}: {outcome.error}")
            elif found["cut"] or found["missed"]:
                self.log.error("logins are missing", **found)
            elif outcome.pulled:
                self.log.info("logins pulled", **found)
        return "; ".join(problems) or None
