"""Counts requests that several batches hold."""

from collections.abc import Sequence
from datetime import datetime

from queries.engine import Engine


def repeated_requests(
    engine: Engine, batches: Sequence[str], since: datetime, until: datetime
) -> dict[str, int]:
    """How many requests of each of these batches another batch holds as well."""
    asked = {"batches": list(batches), "since": since, "until": until}
    return dict(engine.ask("completeness/repeated_requests", asked).rows)
