"""A period of time that is requested at once, and its halves when the answer would be too large."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from store import timestamps

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Naive UTC. Whether the bounds are included depends on the API."""

    since: datetime
    until: datetime

    @property
    def can_be_halved(self) -> bool:
        """Whether it is longer than a second: Cloudflare's times are whole seconds."""
        return self.until - self.since > SECOND

    def halves(self) -> tuple["Window", "Window"]:
        """Both contain the second between them, so an API that excludes bounds loses nothing."""
        seconds = max((self.until - self.since) // (2 * SECOND), 1)
        middle = self.since + seconds * SECOND
        return Window(self.since, middle), Window(middle, self.until)

    def variables(self) -> dict[str, str]:
        return {"since": timestamps.to_text(self.since), "until": timestamps.to_text(self.until)}


def steps(since: datetime, until: datetime, span: timedelta) -> Iterator[Window]:
    """The period from `since` to `until` in windows no longer than `span`, oldest first."""
    while since < until:
        end = min(since + span, until)
        yield Window(since, end)
        since = end
