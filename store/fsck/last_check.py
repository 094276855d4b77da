"""The result of the last `raytrail fsck`. No entry tells it: it is a fact about this catalog."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, delete, insert, select

from store import timestamps
from store.catalog.register_tables import checks


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCheck:
    """`kinds` counts the findings that were left, by their kind."""

    started_at: datetime
    is_deep: bool
    files: int
    kinds: Mapping[str, int]

    @property
    def findings(self) -> int:
        return sum(self.kinds.values())


def record(connection: Connection, done: LastCheck) -> None:
    """Replace the earlier result. The caller holds the write lock."""
    connection.execute(delete(checks))
    row = {
        "started_at": timestamps.to_text(done.started_at),
        "is_deep": done.is_deep,
        "files": done.files,
        "findings": done.findings,
        "kinds": orjson.dumps(dict(done.kinds)).decode(),
    }
    connection.execute(insert(checks), row)


def latest(connection: Connection) -> LastCheck | None:
    row = connection.execute(select(checks)).mappings().first()
    if row is None:
        return None
    return LastCheck(
        started_at=timestamps.from_text(row["started_at"]),
        is_deep=row["is_deep"],
        files=row["files"],
        kinds=orjson.loads(row["kinds"]),
    )
