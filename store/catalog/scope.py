"""The rows that a question is about, so that files which cannot hold them are never opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, Text, and_, bindparam, or_

from store import timestamps
from store.catalog import people
from store.catalog.tables import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Rows of one dataset, of one user and in [since, until); None means no limit.

    Rows without a time are in no limited period. Other datasets are not limited.
    """

    dataset: str
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def bound(self) -> Mapping[str, object]:
        """The values of the parameters in `may_hold`."""
        return {
            "dataset": self.dataset,
            "user": self.user,
            "who": None if self.user is None else people.user_key(self.user),
            "since": self.since and timestamps.to_text(self.since),
            "until": self.until and timestamps.to_text(self.until),
        }


# All live files.
EVERYTHING: Mapping[str, object] = dict.fromkeys(("dataset", "user", "who", "since", "until"))


def may_hold() -> ColumnElement[bool]:
    """A condition on `files` that is true for every file with a row of the bound scope.

    One condition serves all scopes, with NULL for no limit, so that its statement is built once:
    building a statement takes longer than SQLite needs to answer it.
    """
    dataset, user = bindparam("dataset", type_=String), bindparam("user", type_=Text)
    since, until = bindparam("since", type_=String), bindparam("until", type_=String)
    in_range = and_(files.c.user_min <= user, files.c.user_max >= user)
    listed = files.c.number.in_(people.FILES_OF)
    return or_(
        dataset.is_(None),
        files.c.dataset != dataset,
        and_(
            or_(user.is_(None), listed, and_(files.c.number.is_(None), in_range)),
            or_(since.is_(None), files.c.time_max >= since),
            or_(until.is_(None), files.c.time_min < until),
        ),
    )
