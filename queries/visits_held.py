"""Visitors' requests that are held, hour by hour, to be compared with what others counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from queries.engine import Engine

# Cloudflare's analytics take a request's start from another log line than we do.
EDGE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class VisitsHeld:
    """`zone` is in lower case, None where rows do not name it; `side` is first, middle or last."""

    zone: str | None
    hour: datetime
    side: str
    requests: int


def visits_held(engine: Engine, since: datetime, until: datetime) -> list[VisitsHeld]:
    edge = f"{EDGE.total_seconds():.0f} seconds"
    answer = engine.ask("completeness/visits_held", {"since": since, "until": until, "edge": edge})
    return [VisitsHeld(*row) for row in answer.rows]
