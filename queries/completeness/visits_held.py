"""Counts visitors' requests in the store by hour, to compare with Cloudflare's analytics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from queries.engine import Engine

# Cloudflare's analytics may put a request near an hour's edge into the hour beside it.
EDGE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class VisitsHeld:
    """`zone` is in lower case, None where rows do not name it. `side`: near the hour's start, end or neither."""

    zone: str | None
    hour: datetime
    side: str
    requests: int


def visits_held(engine: Engine, since: datetime, until: datetime) -> list[VisitsHeld]:
    edge = f"{EDGE.total_seconds():.0f} seconds"
    answer = engine.ask("completeness/visits_held", {"since": since, "until": until, "edge": edge})
    return [VisitsHeld(*row) for row in answer.rows]
