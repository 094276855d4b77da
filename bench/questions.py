"""What is asked of a store of many days, and what an answer must agree in."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from bench.history import RARE, History

# What a trail shows of each request.
COLUMNS = (
    "event_time",
    "ClientRequestMethod",
    "ClientRequestHost",
    "ClientRequestURI",
    "EdgeResponseStatus",
    "ClientIP",
    "RayID",
)


@dataclass(frozen=True, slots=True)
class Question:
    """The trail of `user`, or the requests of `ray_id`; in a period, where there is one."""

    name: str
    user: str | None = None
    ray_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Self:
        times = {
            name: datetime.fromisoformat(facts[name]) if facts[name] else None
            for name in ("since", "until")
        }
        return cls(**{**facts, **times})

    def facts(self) -> dict[str, Any]:
        told = asdict(self)
        for name in ("since", "until"):
            told[name] = told[name].isoformat() if told[name] else None
        return told


@dataclass(frozen=True, slots=True)
class Found:
    """Enough to see that two engines found the same."""

    rows: int
    status_sum: int
    first: str | None

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        status = pc.sum(table["EdgeResponseStatus"]).as_py() or 0
        first = table["RayID"][0].as_py() if table.num_rows else None
        return cls(table.num_rows, status, first if table.num_rows == 1 else None)


def questions(history: History, ray_id: str) -> list[Question]:
    heavy = "person-0@widgetcorp.example"
    median = "person-10000@widgetcorp.example"
    day = history.day(history.days // 2)
    next_day = day + timedelta(days=1)

    def one_day(name: str, user: str | None = None, ray_id: str | None = None) -> Question:
        return Question(name, user, ray_id, day, next_day)

    return [
        Question("trail, heavy, all days", user=heavy),
        Question("trail, median, all days", user=median),
        Question("trail, rare, all days", user=RARE),
        Question("trail, absent, all days", user="nobody"),
        one_day("trail, heavy, one day", heavy),
        one_day("trail, median, one day", median),
        Question("Ray ID, all days", ray_id=ray_id),
        one_day("Ray ID, one day", ray_id=ray_id),
    ]
