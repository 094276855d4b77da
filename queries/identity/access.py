"""Which requests Cloudflare Access protected. On other hosts the client can send any name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.engine import Engine
from queries.identity.access_rules import Rule, rules_of
from queries.identity.person import Person
from queries.period import Period


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

    An application known from Cloudflare counts for what it covered, while it covered it.
    """
    protected = access_hosts(engine, configured)
    held = engine.snapshot.applications
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


def access_hosts(engine: Engine, configured: Iterable[str] = ()) -> tuple[str, ...]:
    """Hosts of the applications that anybody logged in to, and hosts from the settings.

    A login tells only the host, not the path or the period, so the whole host counts as protected
    at all times. Hosts in the settings must be covered by Access as a whole.
    """
    answer = engine.ask("identity/access_hosts", {"configured": list(configured)})
    return tuple(host for (host,) in answer.rows)


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
