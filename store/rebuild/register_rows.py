"""The rows of the registers from ledger entries: applications, coverage, canaries, drifts."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, update

from store import timestamps
from store.catalog.register_tables import applications, canaries, coverage, drifts
from store.ledger.entry import Entry
from store.registers.application_version import coverage_text
from store.registers.verdicts import HOUR


def add_canary(connection: Connection, entry: Entry) -> None:
    told = entry.payload
    row = {name: told[name] for name in ("id", "sent_at", "status")}
    connection.execute(insert(canaries), {**row, "sequence": entry.sequence})


def add_drift(connection: Connection, entry: Entry) -> None:
    told = entry.payload
    found = orjson.dumps(told["found"], option=orjson.OPT_SORT_KEYS).decode()
    row = {"place": told["place"], "found": found, "sequence": entry.sequence}
    connection.execute(delete(drifts).where(drifts.c.place == told["place"]))
    connection.execute(insert(drifts), row)


def add_coverage(connection: Connection, entry: Entry) -> None:
    rows = [row for run in entry.payload["hours"] for row in _hours(entry, run)]
    for row in rows:
        is_hour = (coverage.c.job == row["job"]) & (coverage.c.hour == row["hour"])
        connection.execute(delete(coverage).where(is_hour))
    connection.execute(insert(coverage), rows)


def _hours(entry: Entry, run: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    since = timestamps.from_text(run["since"])
    for place, counted in enumerate(run["counted"]):
        yield {
            "job": entry.payload["job"],
            "hour": timestamps.to_text(since + place * HOUR),
            "dataset": entry.payload["dataset"],
            "state": run["verdict"],
            "missing": run["missing"],
            "why": run["why"],
            "counted": counted,
            "sequence": entry.sequence,
        }


def change_applications(connection: Connection, entry: Entry) -> int:
    """Returns how many versions began at a time that the entry does not tell, as in entries of
    older versions; they begin with the entry, and their session duration is empty.
    """
    told = entry.payload
    recorded_at = timestamps.from_text(entry.recorded_at)
    for gone in told["gone"]:
        _end(connection, gone, recorded_at)
    for version in (*told["changed"], *told["added"]):
        since = timestamps.from_text(version["since"]) if "since" in version else recorded_at
        _end(connection, version["id"], since)
        _begin(connection, version, since, entry.sequence)
    return sum("since" not in version for version in (*told["changed"], *told["added"]))


def _end(connection: Connection, application: str, at: datetime) -> None:
    c = applications.c
    current = update(applications).where(c.id == application, c.holds_until.is_(None))
    connection.execute(current.values(holds_until=timestamps.to_text(at)))


def _begin(
    connection: Connection, version: Mapping[str, Any], since: datetime, sequence: int
) -> None:
    row = {name: version[name] for name in ("id", "name", "type", "aud", "digest")}
    told = coverage_text(version["covers"], version["opens"], version.get("session_duration") or "")
    times = {"holds_from": timestamps.to_text(since), "holds_until": None}
    connection.execute(
        insert(applications), {**row, **times, "coverage": told, "sequence": sequence}
    )
