"""A stretch of time that is asked for at once, and its parts when the answer would not fit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from store import timestamps

# Answers' times are of whole seconds, so a shorter stretch would hold no fewer records.
SPAN_MIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """UTC without a zone; whether its bounds belong to it is the API's affair."""

    since: datetime
    until: datetime

    @property
    def can_be_halved(self) -> bool:
        return self.until - self.since > SPAN_MIN

    def halves(self) -> tuple["Window", "Window"]:
        """Both hold the second between them: an answer that leaves bounds out loses nothing."""
        middle = self.since + (self.until - self.since) / 2
        return Window(self.since, middle), Window(middle, self.until)

    def variables(self) -> dict[str, str]:
        return {"since": timestamps.to_text(self.since), "until": timestamps.to_text(self.until)}


def steps(since: datetime, until: datetime, span: timedelta) -> Iterator[Window]:
    """The stretch from `since` to `until` in windows no longer than `span`, oldest first."""
    while since < until:
        end = min(since + span, until)
        yield Window(since, end)
        since = end
