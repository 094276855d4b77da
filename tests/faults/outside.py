"""What a sender was told, compared with what a fresh process finds in the store."""

import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.faults.lab import numbered, ray
from tests.service import Service, environment, post
from tests.until import LOOK_SECONDS, PATIENCE_SECONDS


def ask(data: Path, question: str, *wrapper: str) -> "subprocess.CompletedProcess[str]":
    """Run `raytrail sql --json` in a process of its own."""
    command = [*wrapper, sys.executable, "-m", "raytrail", "sql", question, "--json"]
    return subprocess.run(
        [*command, "--data", str(data)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def rays_seen(data: Path) -> Counter[str]:
    answer = ask(data, "SELECT RayID, count(*) AS times FROM http_requests GROUP BY ALL")
    assert answer.returncode == 0, answer.stderr
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    return Counter({row["RayID"]: row["times"] for row in rows})


@dataclass
class Account:
    """Acknowledged bodies must be readable, refused ones absent, unanswered ones once at most."""

    acknowledged: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)

    def next_number(self) -> int:
        """The number of a body that this sender has not sent yet."""
        return max(self.acknowledged | self.refused | self.unknown, default=0) + 1

    def send(self, service: Service, number: int) -> bool:
        """Send the body of this number once and return whether it was acknowledged."""
        try:
            answer = post(service, numbered(number))
        except httpx2.HTTPError:
            self.unknown.add(number)
            return False
        assert answer.status_code in {200, 503}, answer.text
        (self.acknowledged if answer.status_code == 200 else self.refused).add(number)
        return answer.status_code == 200

    def retry(self, service: Service, number: int) -> bool:
        """Send it again, as Logpush does, and return whether it is a duplicate."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        answer = _answer(service, number)
        # A receiver that died soon after its start several times is started later; and one that was
        # killed behind its 200 may break the next connection.
        while _is_between_receivers(answer) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            answer = _answer(service, number)
        assert answer is not None, "every connection broke"
        assert answer.status_code == 200, answer.text
        is_known = answer.json()["duplicate"] is True
        assert is_known or number not in self.acknowledged, "an acknowledged batch was lost"
        self.acknowledged.add(number)
        self.refused.discard(number)
        self.unknown.discard(number)
        return is_known

    def settle(self, service: Service) -> None:
        """Wait until everything is loaded, and compare the rows with the answers."""
        service.wait_until_readable()
        found = rays_seen(service.data)
        assert {ray(number) for number in self.acknowledged} <= found.keys(), "lost"
        told = self.acknowledged | self.unknown
        assert found.keys() <= {ray(number) for number in told}, "a refused body was stored"
        assert set(found.values()) <= {1}, "a row is there twice"


def _answer(service: Service, number: int) -> httpx2.Response | None:
    """None where the connection broke."""
    try:
        return post(service, numbered(number))
    except httpx2.HTTPError:
        return None


def _is_between_receivers(answer: httpx2.Response | None) -> bool:
    return answer is None or "no receiver can be started" in answer.text
