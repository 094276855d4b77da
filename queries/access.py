"""What Access protects: only there is a user's name more than a claim."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.access_rules import Rule, rules_of
from queries.engine import Engine
from queries.period import Period


@dataclass(frozen=True, slots=True)
class Access:
    """`hosts` are protected as a whole whenever it matters; `rules` hold for less than that."""

    hosts: tuple[str, ...]
    rules: tuple[Rule, ...] = ()

    def parameters(self) -> dict[str, Any]:
        return {
            "access_hosts": list(self.hosts),
            "access_rules": [rule.as_bound() for rule in self.rules],
        }


def access(engine: Engine, user: str, period: Period, configured: Iterable[str] = ()) -> Access:
    """All that tells whether one user's requests in a period went through Access.

    An application that is known from Cloudflare vouches for what it covered while it did.
    """
    vouching = access_hosts(engine, configured)
    held = engine.snapshot.applications
    if not held:
        return Access(vouching)
    scope = {"user": user, "since": period.since, "until": period.until}
    visited = [
        row
        for row in engine.ask("access/user_hosts", scope).records()
        if row["host"] not in vouching
    ]
    rules = rules_of(held, [row["host"] for row in visited])
    whole = tuple(_always_protected(visited, rules))
    return Access((*vouching, *whole), tuple(rule for rule in rules if rule.host not in whole))


def access_hosts(engine: Engine, configured: Iterable[str] = ()) -> tuple[str, ...]:
    """Hosts of the applications that anybody logged in to, and of those in the settings.

    Of a login only the host is told for certain, so it vouches for the whole host, and at any
    time; list hosts in the settings only if Access covers all of them.
    """
    answer = engine.ask("access/access_hosts", {"configured": list(configured)})
    return tuple(host for (host,) in answer.rows)


def _always_protected(visited: Sequence[Mapping[str, Any]], rules: Sequence[Rule]) -> Iterator[str]:
    """Hosts that one rule vouches for at all their requests: nothing need be asked of each row."""
    for row in visited:
        first: datetime | None = row["first_seen"]
        last: datetime | None = row["last_seen"]
        if first is None or last is None or not row["is_timed"]:
            continue
        mine = (rule for rule in rules if rule.host == row["host"])
        if any(rule.is_whole and rule.holds_throughout(first, last) for rule in mine):
            yield row["host"]
