"""What logins tell of Access applications: which hosts and paths they covered, and when.

A login proves that its application existed at that time. Someone may use a session that began before
the first known login, or until the last one ends; so the application counts from one session length
before the first login until one session length after the last. Between two logins it counts if they
are at most LOGINS_APART apart.

The list of applications decides where it is known. An application in the list (the same id, or the
same host and path) is known since its first version. Another one counts only before the first pull
of the list and after the last change that a pull found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from queries.engine import Engine
from queries.identity.access_rules import place_of
from queries.identity.session_length import DEFAULT_SESSION, LONGEST_SESSION, session_length
from queries.period import Period
from store.registers.application_version import Application, ApplicationVersion

# Within this time a session of the earlier login may still last: it is the longest one there is.
# The macro logins_apart() has the same time.
LOGINS_APART = LONGEST_SESSION


def applications_of_logins(
    engine: Engine, period: Period, held: Sequence[ApplicationVersion]
) -> tuple[ApplicationVersion, ...]:
    """A version of each application for each time in which logins tell of it."""
    known = _KnownList.of(held)
    parameters = {
        "since": period.since and _moved(period.since, -LOGINS_APART),
        "until": period.until and _moved(period.until, LOGINS_APART),
        "listed_since": known.since,
        "listed_until": known.until,
    }
    found = engine.ask("identity/application_logins", parameters).records()
    return tuple(version for row in found for version in _version(row, known))


@dataclass(frozen=True, slots=True)
class _KnownList:
    """The first versions of listed applications by id and by place, and when the list was known."""

    by_id: Mapping[str, ApplicationVersion]
    by_place: Mapping[tuple[str, str], ApplicationVersion]
    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, held: Sequence[ApplicationVersion]) -> "_KnownList":
        by_id, by_place = (
            dict[str, ApplicationVersion](),
            dict[tuple[str, str], ApplicationVersion](),
        )
        for each in sorted(held, key=lambda version: version.since):
            by_id.setdefault(each.application.id, each)
            for text in (*each.application.covers, *each.application.opens):
                by_place.setdefault(place_of(text), each)
        pulled = [each.listed_at or each.since for each in held]
        ended = [each.until for each in held if each.until]
        return cls(by_id, by_place, min(pulled, default=None), max((*pulled, *ended), default=None))

    def version(self, application: str, domain: str) -> ApplicationVersion | None:
        """The first version of an application that logins name."""
        return self.by_id.get(application) or self.by_place.get(place_of(domain))


def _version(row: Mapping[str, Any], known: _KnownList) -> Iterator[ApplicationVersion]:
    domain, application = row["application"], row["app_uuid"] or ""
    listed = known.version(application, domain)
    told = listed.application.session_duration if listed else ""
    length = session_length(told) or DEFAULT_SESSION
    since, until = _moved(row["first_login"], -length), _moved(row["last_login"], length)
    if listed is not None:
        until = min(until, listed.since)
    elif row["is_before_list"] and known.since:
        until = min(until, known.since)
    elif row["is_after_list"] and known.until:
        since = max(since, known.until)
    elif known.since:
        return
    if since < until:
        covering = Application(id=application, name="", type="", aud="", covers=(domain,), opens=())
        yield ApplicationVersion(covering, since, until)


def _moved(moment: datetime, by: timedelta) -> datetime:
    """A time outside the calendar becomes its first or last day."""
    try:
        return moment + by
    except OverflowError:
        return datetime.min if by < timedelta() else datetime.max  # noqa: DTZ901 (UTC without a zone)
