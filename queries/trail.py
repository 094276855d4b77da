"""The URL trail of one person: every request, one row each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from queries.definitions import sql_over
from queries.engine import Engine
from queries.errors import QueryFailed
from queries.identity.access import access
from queries.identity.person import Person
from queries.period import ALWAYS, Period
from store import names


@dataclass(frozen=True, slots=True)
class TrailRow:
    """Times are RFC 3339 in UTC; `time` has nine digits where nanoseconds were logged.

    `identity` is `access` if a known Access application protected the request, else `unconfirmed`.
    A request with `folded_into` belongs to the request of that Ray ID (or batch and line), for the
    reason `folded_by`. New fields are added at the end: some read CSV by position.
    """

    time: str | None
    user_id: str
    user_source: str | None
    identity: str
    method: str | None
    host: str | None
    uri: str | None
    status: int | None
    ip: str | None
    country: str | None
    user_agent: str | None
    referer: str | None
    bytes: int | None
    ray_id: str | None
    parent_ray_id: str | None
    source: str | None
    batch_id: str
    line_number: int
    received_at: str
    kind: str
    navigation: str | None
    size_bytes: int | None
    direction: str | None
    content_type: str | None
    folded_into: str | None
    folded_by: str | None
    path_template: str | None
    route: str | None


def trail(
    engine: Engine,
    person: Person,
    period: Period = ALWAYS,
    *,
    host: str = "",
    configured_access_hosts: Iterable[str] = (),
) -> Iterator[TrailRow]:
    """Every request under a name of this person, oldest first, streamed; each row has its own name.

    Requests without a time come last, and only when the period is open at both ends. `host`
    selects one host, compared in lower case and without a port.
    """
    if not (person.users and names.is_utf8(host)):
        return iter(())
    parameters = {
        "who": person.users,
        "since": period.since,
        "until": period.until,
        "host": host or None,
        **access(engine, person, period, configured_access_hosts).parameters(),
    }
    return (TrailRow(*row) for row in engine.run(trail_sql(), parameters, QueryFailed).rows)


def trail_sql() -> str:
    """The statement of a trail. Parameters: those of queries/sql/trail_requests.sql."""
    return sql_over("person_requests", "trail_requests", "trail")
