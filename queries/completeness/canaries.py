"""Canaries that arrived: requests whose URI carries a canary's id."""

from datetime import datetime

from queries.engine import Engine


def canaries(engine: Engine, since: datetime) -> dict[str, datetime]:
    """When each canary sent since then was first received, by id."""
    answer = engine.ask("completeness/canaries", {"since": since})
    return {name: received_at for name, received_at in answer.rows if name}
