"""The rows that a question is about, so that files which cannot hold them are never opened."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from store import timestamps
from store.catalog.databases import texts


def user_key(user: str) -> int:
    """The key under which the catalog lists a user of a compacted file, instead of the name."""
    return int.from_bytes(hashlib.sha256(user.encode()).digest()[:8], signed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Rows of one dataset, of any of these users and in [since, until); None means no limit.

    Rows without a time are in no limited period. Other datasets are not limited.
    """

    dataset: str
    users: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def bound(self) -> Mapping[str, object]:
        """The parameters of store/reading/sql/live_files.sql."""
        return {
            "dataset": self.dataset,
            "users": self._listed(lambda user: user.encode().hex().upper()),
            # As PostgreSQL has them.
            "written": self._listed(lambda user: texts.written(user).encode().hex()),
            "keys": self._listed(user_key),
            "since": self.since and timestamps.to_text(self.since),
            "until": self.until and timestamps.to_text(self.until),
        }

    def _listed(self, of: Callable[[str], str | int]) -> str | None:
        return None if self.users is None else json.dumps([of(user) for user in self.users])


# All live files.
EVERYTHING: Mapping[str, object] = dict.fromkeys(
    ("dataset", "users", "written", "keys", "since", "until")
)
