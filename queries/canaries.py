"""Canaries that came back: requests whose URI has the mark of one."""

from datetime import datetime

from queries.engine import Engine


def canaries(engine: Engine, since: datetime) -> dict[str, datetime]:
    """When each was first received, by its id, of those sent since then."""
    answer = engine.ask("completeness/canaries", {"since": since})
    return {name: received_at for name, received_at in answer.rows if name}
