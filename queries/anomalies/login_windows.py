"""When a person's logins let requests to a host through, and for which time that is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from queries.anomalies.known_time import KnownTime
from queries.identity.access_rules import fits_host, place_of
from queries.identity.session_length import DEFAULT_SESSION, session_length
from store.registers.application_version import ApplicationVersion

# The clocks that stamp a login and the first request after it may differ.
CLOCKS_APART = timedelta(minutes=1)

# A request that was under way, and the seconds until every data centre knows of the logout.
LOGOUT_TAKES = timedelta(minutes=1)

# A person who logged in is sent to the application at once; this leaves time for a slow one.
FIRST_REQUEST_WITHIN = timedelta(minutes=10)

# The host of an account's login page. A logout there ends the sessions of all applications.
_TEAM_HOST = ".cloudflareaccess.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEvent:
    """A login or logout of the person. `application` is a host and path, empty where not logged."""

    event: str
    seen_at: datetime
    is_allowed: bool
    application: str
    app_uuid: str
    ray_id: str | None

    @property
    def host(self) -> str | None:
        """The host of the application; None for all of them."""
        host = place_of(self.application)[0]
        return None if not host or "*" in host or host.endswith(_TEAM_HOST) else host


@dataclass(frozen=True, slots=True)
class LoginWindows:
    """`events` are the person's, `held` the known applications, `told` when logins are known."""

    events: Sequence[AccessEvent]
    held: Sequence[ApplicationVersion]
    told: KnownTime

    def logged_in(self, hosts: Sequence[str]) -> list[dict[str, Any]]:
        """The times in which a login holds for each host."""
        return [window for host in hosts for window in self._of_host(host)]

    def judged(self, hosts: Sequence[str]) -> list[dict[str, Any]]:
        """The times for which all logins that could hold for each host are known."""
        return [
            {"host": host, "since": since + self.session(host), "until": until}
            for host in hosts
            for since, until in self.told.spans
        ]

    def logouts(self) -> list[dict[str, Any]]:
        """From each logout until the next login, at most for a session's length."""
        return [
            {
                "number": number,
                "host": each.host,
                "since": each.seen_at + LOGOUT_TAKES,
                "until": self._next_login(number) or each.seen_at + self.session(each.host),
            }
            for number, each in enumerate(self.events)
            if each.event == "logout" and each.is_allowed
        ]

    def session(self, host: str | None) -> timedelta:
        """The longest session of the applications that cover a host."""
        lengths = [session_length(each.session_duration) for each in self._applications(host)]
        return max((each for each in lengths if each), default=DEFAULT_SESSION)

    def _of_host(self, host: str) -> Iterator[dict[str, Any]]:
        length = self.session(host)
        ids = {each.id for each in self._applications(host)}
        known = {each.application.id for each in self.held}
        for login in self.events:
            if login.event != "login" or not login.is_allowed:
                continue
            is_elsewhere = (
                not fits_host(place_of(login.application)[0], host)
                if login.application
                else login.app_uuid in known
            )
            if login.app_uuid in ids or not is_elsewhere:
                since, until = login.seen_at - CLOCKS_APART, login.seen_at + length
                yield {"host": host, "since": since, "until": until}

    def _applications(self, host: str | None) -> Iterator[Any]:
        for each in self.held:
            if host and any(fits_host(place_of(text)[0], host) for text in each.application.covers):
                yield each.application

    def _next_login(self, number: int) -> datetime | None:
        """If it comes within the length of a session."""
        logout = self.events[number]
        for each in self.events[number + 1 :]:
            if each.event == "login" and each.is_allowed:
                end = logout.seen_at + self.session(logout.host)
                return min(each.seen_at - CLOCKS_APART, end)
        return None
