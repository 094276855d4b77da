"""Access logins by REST: `GET /accounts/{id}/access/logs/access_requests`.

It has no cursor, its total says nothing, and how many rows it gives at most is nowhere written.
So windows are asked for, and an answer that may have been cut off is asked again in halves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from upstream.connection import Connection
from upstream.logins.answer import Answer
from upstream.logins.record import records
from upstream.logins.window import Window
from upstream.permissions import AUDIT_LOGS_READ

DATASET = "access_requests_rest"

# More than any answer that was seen; what the API gives at most it keeps to itself.
ROWS_ASKED = 1000

# Pages end at round numbers (25 and 1,000 were seen). Whatever the real limit is, an answer of
# another length was not cut off there.
ROUND = 25

# A busy account's day is some thousand logins: halved a few times at most.
SPAN = timedelta(days=1)

SPAN_MAX = timedelta(days=32)

# Cloudflare keeps these logs for half a year at most, on its largest plans.
REACH = timedelta(days=180)

# A second with more logins than fit into these pages is beyond anything seen.
PAGES_MAX = 40


@dataclass(frozen=True, slots=True)
class AccessLog:
    connection: Connection
    account_id: str
    dataset: str = DATASET
    span: timedelta = SPAN
    span_max: timedelta = SPAN_MAX

    def reach(self, now: datetime) -> tuple[datetime, datetime]:
        """The oldest and the newest moment that may be asked for."""
        return now - REACH, now

    def ask(self, window: Window) -> Iterator[Answer]:
        """Answers that hold every record of the window, some perhaps twice."""
        answer = self._page(window, 1)
        if not _may_be_cut(answer):
            yield answer
        elif window.can_be_halved:
            for half in window.halves():
                yield from self.ask(half)
        else:
            yield from self._pages(window, answer)

    def _pages(self, window: Window, first: Answer) -> Iterator[Answer]:
        """The pages of the shortest window, until one brings nothing new."""
        known = set(first.records)
        yield first
        for page in range(2, PAGES_MAX + 1):
            answer = self._page(window, page)
            if known.issuperset(answer.records):
                # All of the first page again: this account's pages cannot be turned.
                if answer.records:
                    yield Answer(answer.content, answer.records, is_cut=True)
                return
            known.update(answer.records)
            yield answer

    def _page(self, window: Window, page: int) -> Answer:
        content = self.connection.get(
            f"/accounts/{self.account_id}/access/logs/access_requests",
            AUDIT_LOGS_READ,
            direction="asc",
            limit=ROWS_ASKED,
            page=page,
            **window.variables(),
        )
        return Answer(content, records(content, ("result",)))


def _may_be_cut(answer: Answer) -> bool:
    return bool(answer.records) and len(answer.records) % ROUND == 0
