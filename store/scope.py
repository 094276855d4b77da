"""What a question is about, so that files which cannot hold any of it are never opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from store import moment, people
from store.tables import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Rows of one dataset: of one user, in [since, until), open where nothing is said.

    Rows without a time are in no period that is closed at an end. Other datasets are whole.
    """

    dataset: str
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def may_hold(self) -> ColumnElement[bool]:
        """The condition on `files` that every file with a row of the scope fulfils."""
        return or_(files.c.dataset != self.dataset, and_(*self._conditions()))

    def _conditions(self) -> Iterator[ColumnElement[bool]]:
        yield files.c.dataset == self.dataset
        if self.user is not None:
            in_range = and_(files.c.user_min <= self.user, files.c.user_max >= self.user)
            listed = files.c.number.in_(people.files_of(self.user))
            yield or_(listed, and_(files.c.number.is_(None), in_range))
        if self.since is not None:
            yield files.c.time_max >= moment.to_text(self.since)
        if self.until is not None:
            yield files.c.time_min < moment.to_text(self.until)
