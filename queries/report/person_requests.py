"""The requests of a report's person under the name `person_requests`, for the report's questions.

Which request is folded under which, and in which session it is, takes a second of planning and
sorting. It is done once for a report and not once for each of its questions.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from queries.engine import Engine

NAME = "person_requests"


@contextmanager
def person_requests(engine: Engine, parameters: Mapping[str, Any]) -> Iterator[None]:
    """Until the block ends, `person_requests` has the rows of queries/sql/report/person_requests.sql."""
    scope = {name: parameters[name] for name in ("who", "since", "until")}
    [(requests,)] = engine.ask("identity/requests_counted", scope).rows
    with engine.named(NAME, f"report/{NAME}", parameters, requests):
        yield
