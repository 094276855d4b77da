"""Everything that was logged, and the batches in which it arrives."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from tests.findings.world.records import (
    Asked,
    Client,
    audit_line,
    login_line,
    request_line,
)
from tests.findings.world.shapes import Shape

HOUR = 3600.0
DAY = 24 * HOUR
# What arrives late arrives on the next day, or with it.
LATE = 9 * HOUR
_MIX = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Batch:
    """One body: NDJSON, and when it was received."""

    dataset: str
    received_at: datetime
    body: bytes


@dataclass(slots=True)
class Line:
    at: float
    line: bytes
    arrives: float


class Log:
    def __init__(self, shape: Shape, seed: int) -> None:
        self.shape = shape
        self.chance = random.Random(f"log {seed}")
        # By dataset.
        self.lines: dict[str, list[Line]] = defaultdict(list)
        self._number = seed << 32
        self._members: tuple[Client | None, str] = (None, "")
        # Hours since the epoch and hosts that were not logged; a host "" means every host.
        self.silent: list[tuple[float, float, str]] = []

    def ray(self) -> str:
        self._number += 1
        return f"{self._number * _MIX & (1 << 64) - 1:016x}"

    def ask(self, client: Client, at: float, asked: Asked, *, arrives: float | None = None) -> str:
        """Log one request; its Ray ID."""
        ray = self.ray()
        if self.silent and self._is_silent(at, asked.host):
            return ray
        known, members = self._members
        if known is not client:
            members = client.members(self.shape)
            self._members = (client, members)
        line = request_line(members, client, asked, at, ray, self.shape)
        self.lines["http_requests"].append(Line(at, line, arrives or at))
        return ray

    def resend(self, at: float) -> None:
        """The last request arrives once more, in a later batch."""
        last = self.lines["http_requests"][-1]
        self.lines["http_requests"].append(replace(last, arrives=at))

    def log_in(self, client: Client, mail: str, host: str, at: float, **changes: object) -> str:
        ray = self.ray()
        if self.shape.has_logins and not (self.silent and self._is_silent(at, "logins")):
            line = login_line(client, mail, host, at, ray, **changes)
            self.lines["access_requests"].append(Line(at, line, at))
        return ray

    def act(self, mail: str, address: str, at: float, what: str, job: int) -> None:
        line = audit_line(mail, address, at, self.ray(), act=what, job=job)
        self.lines["audit_logs_v2"].append(Line(at, line, at))

    def batches(self) -> Iterator[Batch]:
        """One for each dataset and day of arrival, in order of arrival; before the judged weeks,
        one for a week.
        """
        judged = datetime.combine(self.shape.judged_from, time.min, UTC).timestamp() // DAY
        found: dict[tuple[int, str], list[Line]] = defaultdict(list)
        for dataset, lines in self.lines.items():
            for each in lines:
                day = int(each.arrives // DAY)
                early = int(judged - 1 - (judged - 1 - day) // 7 * 7)
                found[day if day >= judged else early, dataset].append(each)
        for (day, dataset), lines in sorted(found.items()):
            lines.sort(key=lambda each: each.at)
            received = datetime.fromtimestamp((day + 1) * DAY, UTC).replace(tzinfo=None)
            yield Batch(dataset, received, b"".join(each.line for each in lines))

    def _is_silent(self, at: float, host: str) -> bool:
        return any(since <= at < until and of in {"", host} for since, until, of in self.silent)
