"""Which requests Cloudflare Access protected. On other hosts the client can send any name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from queries.engine import Engine
from queries.identity.access_rules import Rule, rules_of
from queries.identity.login_coverage import applications_of_logins
from queries.identity.person import Person
from queries.period import Period
from store.registers.application_version import ApplicationVersion


@dataclass(frozen=True, slots=True)
class Access:
    """`hosts` are protected as a whole and at all times; `rules` protect some paths or some times."""

    hosts: tuple[str, ...]
    rules: tuple[Rule, ...] = ()

    def parameters(self) -> dict[str, Any]:
        return {
            "access_hosts": list(self.hosts),
            "access_rules": [rule.as_bound() for rule in self.rules],
        }


def access(
    engine: Engine, person: Person, period: Period, configured: Iterable[str] = ()
) -> Access:
    """The hosts and rules that tell which of a person's requests in a period went through Access.

    An application counts for what it covered, while it covered it. It is known from the list that
    Cloudflare gave, or from logins (login_coverage.py).
    """
    protected = access_hosts(engine, configured)
    held = _applications(engine, period)
    if not held:
        return Access(protected)
    scope = {"who": person.users, "since": period.since, "until": period.until}
    visited = [
        row
        for row in engine.ask("identity/user_hosts", scope).records()
        if row["host"] not in protected
    ]
    rules = rules_of(held, [row["host"] for row in visited])
    whole = tuple(_always_protected(visited, rules))
    return Access((*protected, *whole), tuple(rule for rule in rules if rule.host not in whole))


def access_at(
    engine: Engine, host: str, seen_at: datetime | None, configured: Iterable[str] = ()
) -> Access:
    """The hosts and rules that tell whether one request to `host` went through Access."""
    period = Period() if seen_at is None else Period(seen_at, seen_at + timedelta(microseconds=1))
    return access_to(engine, host, period, configured)


def access_to(engine: Engine, host: str, period: Period, configured: Iterable[str] = ()) -> Access:
    """The hosts and rules that tell which requests to `host` in a period went through Access."""
    return Access(access_hosts(engine, configured), rules_of(_applications(engine, period), [host]))


def access_of_logins(engine: Engine, configured: Iterable[str] = ()) -> Access:
    """The same for everybody's requests to hosts of applications that somebody logged in to."""
    protected = access_hosts(engine, configured)
    hosts = [host for (host,) in engine.ask("identity/login_hosts").rows if host not in protected]
    return Access(protected, rules_of(_applications(engine, Period()), hosts))


def access_hosts(engine: Engine, configured: Iterable[str] = ()) -> tuple[str, ...]:
    """Hosts from the settings, which must be covered by Access as a whole and at all times."""
    answer = engine.ask("identity/access_hosts", {"configured": list(configured)})
    return tuple(host for (host,) in answer.rows)


def _applications(engine: Engine, period: Period) -> tuple[ApplicationVersion, ...]:
    listed = engine.snapshot.applications
    return (*listed, *applications_of_logins(engine, period, listed))


def _always_protected(visited: Sequence[Mapping[str, Any]], rules: Sequence[Rule]) -> Iterator[str]:
    """Hosts whose every request falls under one rule, so that rows need no check of their own."""
    for row in visited:
        first: datetime | None = row["first_seen"]
        last: datetime | None = row["last_seen"]
        if first is None or last is None or not row["is_timed"]:
            continue
        mine = (rule for rule in rules if rule.host == row["host"])
        if any(rule.is_whole and rule.holds_throughout(first, last) for rule in mine):
            yield row["host"]
