"""Access logins by REST: `GET /accounts/{id}/access/logs/access_requests`.

The API has no cursor, its total count is wrong, and its maximum number of rows is undocumented.
So logins are requested by window, and a window whose answer may be cut is requested in halves.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from upstream.connection import Connection
from upstream.logins.answer import Answer
from upstream.logins.record import records
from upstream.permissions import AUDIT_LOGS_READ
from upstream.window import Window

DATASET = "access_requests_rest"

# More rows than any answer that was observed; the API's maximum is undocumented.
ROWS_REQUESTED = 1000

# The API's maximum is a round number (25 and 1,000 were observed), so an answer of another length
# is not cut.
ROUND = 25

# A busy account has some thousand logins a day, so a day is halved a few times at most.
SPAN = timedelta(days=1)

SPAN_MAX = timedelta(days=32)

# Cloudflare keeps these logs for half a year at most, on its largest plans.
REACH = timedelta(days=180)

# No account was observed with more logins in one second than fit into these pages.
PAGES_MAX = 40


@dataclass(frozen=True, slots=True)
class AccessLog:
    connection: Connection
    account_id: str
    dataset: str = DATASET
    span: timedelta = SPAN
    span_max: timedelta = SPAN_MAX

    def reach(self, now: datetime) -> tuple[datetime, datetime]:
        """The oldest and the newest time that can be requested."""
        return now - REACH, now

    def fetch(self, window: Window) -> Iterator[Answer]:
        """Answers with every record of the window, some perhaps twice."""
        answer = self._page(window, 1)
        if not _may_be_cut(answer):
            yield answer
        elif window.can_be_halved:
            for half in window.halves():
                yield from self.fetch(half)
        else:
            yield from self._pages(window, answer)

    def _pages(self, window: Window, first: Answer) -> Iterator[Answer]:
        """The pages of the shortest window, until one has nothing new."""
        known = set(first.records)
        answer = first
        for page in range(2, PAGES_MAX + 1):
            following = self._page(window, page)
            if known.issuperset(following.records):
                # A page that repeats records: the API ignores `page` for this account.
                yield replace(answer, is_cut=bool(following.records))
                return
            yield answer
            known.update(following.records)
            answer = following
        yield replace(answer, is_cut=True)

    def _page(self, window: Window, page: int) -> Answer:
        content = self.connection.get(
            f"/accounts/{self.account_id}/access/logs/access_requests",
            AUDIT_LOGS_READ,
            direction="asc",
            limit=ROWS_REQUESTED,
            page=page,
            **window.variables(),
        )
        return Answer(content, records(content, ("result",)))


def _may_be_cut(answer: Answer) -> bool:
    return bool(answer.records) and len(answer.records) % ROUND == 0
