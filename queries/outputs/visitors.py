"""Visitors of a host as a table for a person, and as JSON."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from queries.escape import for_terminal, shown
from queries.identity.person_words import NAMES_SHOWN, quoted
from queries.outputs.json_values import json_value
from queries.outputs.known_period import known_lines
from queries.report.wording import (
    NAME_CHARACTERS_SHOWN,
    URL_CHARACTERS_SHOWN,
    counted,
    moment_text,
    number,
    period_text,
)
from queries.visitors.visitors import Visitor, Visitors

# A person reads no more rows than these; --json has all.
VISITORS_SHOWN = 100

# Whether the name is sure: of all requests, of some, or of none.
_STYLES = {"access": "green", "partly": "yellow", "unconfirmed": "yellow"}


def document(found: Visitors) -> dict[str, Any]:
    told: dict[str, Any] = json_value(found)
    told["visitors"] = told.pop("shown")
    return told


def show(found: Visitors, console: Console) -> None:
    where = shown(str(found.place), URL_CHARACTERS_SHOWN)
    names = sum(each.user_id is not None for each in found.shown)
    console.print(Text(f"{where}  {period_text(found.period)}", style="bold"))
    for line in known_lines(found.known) if found.known else ():
        console.print(Text(line, style="yellow"), soft_wrap=True)
    if not found.total:
        console.print(Text("no requests are known here in this period"))
        return
    of = f"{number(len(found.shown))} of {counted(found.total, 'name')}"
    if names < len(found.shown):
        of = f"{of}, counting requests without a name as one"
    console.print(Text(f"{counted(found.requests, 'request')}; {of}"))
    table = _table()
    for each in found.shown:
        table.add_row(*_cells(each))
        if each.same_person:
            # Sentences would make the column of names as wide as the window.
            console.print(table)
            _show_same_person(each, console)
            table = _table()
    console.print(table)


def grade(visitor: Visitor) -> str:
    """`access` if Access covered every request, `partly` if some, otherwise `unconfirmed`."""
    if visitor.user_id is None:
        return ""
    if visitor.confirmed == visitor.requests:
        return "access"
    return "partly" if visitor.confirmed else "unconfirmed"


def _table() -> Table:
    return Table.grid(padding=(0, 2))


def _show_same_person(visitor: Visitor, console: Console) -> None:
    for other in visitor.same_person[:NAMES_SHOWN]:
        why = f" ({for_terminal(other.evidence)})" if other.evidence else ""
        told = f"    same person as {quoted(other.name)}, {other.grade}{why}"
        console.print(Text(told, style="dim"), soft_wrap=True)
    more = len(visitor.same_person) - NAMES_SHOWN
    if more > 0:
        console.print(Text(f"    and {counted(more, 'more name')}; --json has them", style="dim"))


def _cells(each: Visitor) -> Iterator[Text]:
    name = "(no name)" if each.user_id is None else shown(each.user_id, NAME_CHARACTERS_SHOWN)
    graded = grade(each)
    yield Text(name, overflow="fold")
    yield Text(graded, style=_STYLES.get(graded, ""))
    yield Text(counted(each.requests, "request"), justify="right")
    yield Text(", ".join(_kinds(each)), overflow="fold")
    yield Text(
        for_terminal(f"{moment_text(each.first_seen)} to {moment_text(each.last_seen)}"),
        style="dim",
    )


def _kinds(each: Visitor) -> Iterator[str]:
    for count, noun in (
        (each.pages, "page"),
        (each.downloads, "download"),
        (each.changes, "change"),
        (each.api_calls, "API call"),
        (each.program_calls, "program call"),
        (each.assets, "asset"),
    ):
        if count:
            yield counted(count, noun)
    if each.prefetches:
        yield counted(each.prefetches, "prefetch", "prefetches")
    if each.refused:
        yield f"{number(each.refused)} refused"
