"""Prints a trail or an answer in a terminal, and opens the console for all that is printed.

Logged text is never read as Rich markup, and characters that a terminal obeys are escaped.
"""

import sys
from collections.abc import Iterable
from itertools import islice
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from queries.engine import Answer
from queries.escape import for_terminal, shown
from queries.identity.people import UnknownUser
from queries.identity.person_words import quoted
from queries.outputs.json_values import json_value
from queries.report import kind_words, wording
from queries.report.listing import Listing
from queries.trail import TrailRow

# A table needs all its rows to compute column widths; --json has no limit.
ANSWER_ROWS_SHOWN = 200

# Of one cell. A row of such cells still fits a screen.
ANSWER_CHARACTERS_SHOWN = 200

# The width for pipes, which have none; most tables fit.
PIPE_COLUMNS = 160

GRADE_STYLES = {"access": "green", "unconfirmed": "yellow"}

# Of a time in RFC 3339, up to its seconds.
SECONDS = len("2026-11-20T09:51:07")

FOLDED_MARK = "> "
FOLDED_LEGEND = (
    f"{FOLDED_MARK}is folded under another request; --json and --csv say under which and why"
)


def make_console(file: TextIO | None = None, *, columns: int | None = None) -> Console:
    r"""A console without markup. A character that its encoding lacks is printed as \uXXXX."""
    stream = file or sys.stdout
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
    if columns is None and not stream.isatty():
        columns = PIPE_COLUMNS
    return Console(file=stream, width=columns, markup=False, highlight=False, emoji=False)


def show_trail(rows: Iterable[TrailRow], console: Console, asked: str | None = None) -> int:
    """Print one line for each request, shortened to the window's width; return how many there were.

    Times are cut to seconds. A request that is folded under another one is marked, and so is one under
    another name than `asked`.
    """
    rows_shown, is_any_folded = 0, False
    for row in rows:
        rows_shown += 1
        is_any_folded = is_any_folded or row.folded_into is not None
        line = _trail_line(row, asked)
        if console.is_terminal:
            console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            console.print(line, soft_wrap=True)
    if is_any_folded:
        console.print(Text(FOLDED_LEGEND, style="dim"), soft_wrap=True)
    return rows_shown


def _trail_line(row: TrailRow, asked: str | None) -> Text:
    """Columns of equal width first, so that even 100 columns have room for the URL."""
    is_folded = row.folded_into is not None
    time = f"{row.time[:SECONDS].replace('T', ' ')}Z" if row.time else "no time"
    status = "-" if row.status is None else str(row.status)
    moved = kind_words.moved_text(row.size_bytes, row.direction)
    return Text.assemble(
        (f"{time:{SECONDS + 1}} ", "dim"),
        (f"{kind_words.kind_label(row.kind):8} ", "dim" if is_folded else "bold"),
        f"{logged(row.method):6} {status:>3} {moved:>12} ",
        (f"{row.identity:11} ", GRADE_STYLES.get(row.identity, "")),
        FOLDED_MARK if is_folded else "",
        f"as {quoted(row.user_id)} " if asked not in (None, row.user_id) else "",
        (logged(row.host), "dim"),
        (logged_url(row.uri), "dim" if is_folded else ""),
        (f" {logged(row.ip)} {logged(row.country)}", "dim"),
    )


def show_unknown(unknown: UnknownUser, console: Console) -> None:
    console.print(Text(f"{logged(unknown.user)}: {wording.unknown_text(unknown)}"))
    for name in unknown.nearest:
        console.print(Text(f"  {logged(name)}"))
    for each in unknown.misdirected:
        console.print(Text(for_terminal(wording.misdirected_text(each))), soft_wrap=True)


def show_answer(answer: Answer, console: Console) -> None:
    """Print the first rows of an analyst's answer as a table, and how many more there are."""
    table = Table()
    for name in answer.columns:
        table.add_column(Text(shown(name, ANSWER_CHARACTERS_SHOWN)), overflow="fold")
    for row in islice(answer.rows, ANSWER_ROWS_SHOWN):
        table.add_row(*[_cell(value) for value in row])
    console.print(table)
    more = sum(1 for _ in answer.rows)
    if more:
        console.print(Text(f"… {wording.counted(more, 'more row')}; --json gives all"))


def logged_names(listing: Listing[str]) -> str:
    more = f" {wording.more_text(listing, '')}" if listing.more else ""
    return (", ".join(logged(value) for value in listing.shown) or "(none)") + more


def logged(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.NAME_CHARACTERS_SHOWN)


def logged_url(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.URL_CHARACTERS_SHOWN)


def _cell(value: object) -> Text:
    text = "" if value is None else str(json_value(value))
    return Text(shown(text, ANSWER_CHARACTERS_SHOWN), overflow="fold")
