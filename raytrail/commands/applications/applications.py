"""`raytrail applications`: fetches Access applications, and lists them as of a point in time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from queries.escape import for_terminal
from raytrail.commands.plurals import counted
from store import timestamps
from store.registers import applications as register
from store.registers.application_version import ApplicationVersion
from store.registers.applications import Change
from store.store import Store
from upstream.applications import applications
from upstream.connection import Connection
from upstream.options import ApiOptions
from upstream.place import find_account


def pull(store: Store, options: ApiOptions, account: str) -> Change:
    """Fetch all applications from Cloudflare and record what changed."""
    with Connection(options) as connection:
        found = applications(connection, find_account(connection, account).id)
    return register.record(store.catalog, store.clock(), found)


def listed(store: Store, at: datetime | None) -> list[ApplicationVersion]:
    with store.catalog.read() as connection:
        return register.as_of(connection, at or store.clock())


def change_object(change: Change) -> dict[str, Any]:
    return {
        "listed": change.listed,
        "added": list(change.added),
        "changed": list(change.changed),
        "gone": list(change.gone),
        "sequence": change.sequence,
    }


def change_lines(change: Change) -> Iterator[str]:
    yield counted(change.listed, "application")
    for what, ids in (("new", change.added), ("changed", change.changed), ("gone", change.gone)):
        for each in ids:
            yield for_terminal(f"{what}: {each}")


def as_object(held: ApplicationVersion) -> dict[str, Any]:
    it = held.application
    return {
        "id": it.id,
        "name": it.name,
        "type": it.type,
        "aud": it.aud,
        "covers": list(it.covers),
        "opens": list(it.opens),
        "session_duration": it.session_duration,
        "since": timestamps.to_text(held.since),
        "until": timestamps.to_text(held.until) if held.until else None,
    }


def lines(found: Sequence[ApplicationVersion]) -> Iterator[str]:
    if not found:
        yield "no applications known at that time; `raytrail applications pull` fetches them"
    for held in found:
        it = held.application
        until = f" until {timestamps.to_text(held.until)}" if held.until else ""
        covers = ", ".join(it.covers) or "no host"
        yield for_terminal(f"{it.name} ({it.type}, {it.id})")
        yield for_terminal(f"  covers {covers}, since {timestamps.to_text(held.since)}{until}")
        if it.opens:
            yield for_terminal(f"  without a login: {', '.join(it.opens)}")
