"""Requests at a known distance from each other, and the report on them."""

from datetime import datetime, timedelta
from typing import Any

from queries.engine import Engine
from queries.identity.person import Person
from queries.report.assembly import report
from queries.report.model import Report
from store import timestamps
from tests.factories import record

START = datetime(2026, 11, 20, 9)  # noqa: DTZ001 - UTC without a zone


def after(seconds: float, **changes: Any) -> dict[str, Any]:
    time = timestamps.to_text(START + timedelta(seconds=seconds))
    return record(EdgeStartTimestamp=time, EdgeEndTimestamp=time, **changes)


def reported(engine: Engine, user: str = "srhea", **options: Any) -> Report:
    found = report(engine, Person.only(user), **options)
    assert isinstance(found, Report)
    return found
