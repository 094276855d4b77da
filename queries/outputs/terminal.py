"""Prints a report, a trail or an answer in a terminal.

Logged text is never read as Rich markup, and characters that a terminal obeys are escaped.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from queries.engine import Answer
from queries.escape import for_terminal, shown
from queries.identity import person_words
from queries.identity.people import UnknownUser
from queries.outputs.json_values import json_value
from queries.report import wording
from queries.report.model import Hours, Listing, Report, Session, Use
from queries.trail import TrailRow

# A table needs all its rows to compute column widths; --json has no limit.
ANSWER_ROWS_SHOWN = 200

# Of one cell. A row of such cells still fits a screen.
ANSWER_CHARACTERS_SHOWN = 200

# The width for pipes, which have none; most tables fit.
PIPE_COLUMNS = 160

_STYLES = {"access": "green", "unconfirmed": "yellow"}


def make_console(file: TextIO | None = None, *, columns: int | None = None) -> Console:
    r"""A console without markup. A character that its encoding lacks is printed as \uXXXX."""
    stream = file or sys.stdout
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
    if columns is None and not stream.isatty():
        columns = PIPE_COLUMNS
    return Console(file=stream, width=columns, markup=False, highlight=False, emoji=False)


def show_trail(rows: Iterable[TrailRow], console: Console) -> int:
    """Print one line for each request, shortened to the window's width; return how many there were."""
    rows_shown = 0
    for row in rows:
        rows_shown += 1
        line = Text.assemble(
            (row.time or "no time".ljust(27), "dim"),
            f" {row.status if row.status is not None else '-':>3} ",
            (f"{row.identity:11} ", _STYLES[row.identity]),
            _name(row.method),
            " ",
            (_name(row.host), "dim"),
            _url(row.uri),
            (f" {_name(row.ip)} {_name(row.country)}", "dim"),
        )
        if console.is_terminal:
            console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            console.print(line, soft_wrap=True)
    return rows_shown


def show_unknown(unknown: UnknownUser, console: Console) -> None:
    console.print(Text(f"{_name(unknown.user)}: {wording.unknown_text(unknown)}"))
    for name in unknown.nearest:
        console.print(Text(f"  {_name(name)}"))
    for each in unknown.misdirected:
        console.print(Text(for_terminal(wording.misdirected_text(each))), soft_wrap=True)


def show_report(report: Report, console: Console) -> None:
    console.print(Text(_name(report.who.user), style="bold"))
    console.print(_facts(report))
    for note in wording.notes(report):
        console.print(Text(note, style="yellow"))
    for title, listing, noun in (
        ("Hosts", report.hosts, "host"),
        ("Addresses", report.addresses, "address"),
        ("Countries", report.countries, "country"),
        ("User agents", report.user_agents, "user agent"),
    ):
        _show_uses(title, listing, noun, console)
    _heading("Sessions", report.sessions, "session", console)
    for session in report.sessions.shown:
        _show_session(session, console)
    _show_refused(report, console)
    _show_logins(report, console)


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


def _facts(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    for label, text in (
        ("asked for", wording.period_text(report.asked)),
        ("seen", wording.covered_text(report)),
        *(("", told) for told in person_words.other_names(report.who.person)),
        ("named by", wording.sources_text(report.who)),
        ("snapshot", wording.snapshot_text(report.coverage)),
        ("files", wording.files_text(report.coverage)),
        *_coverage(report.coverage.hours),
        ("total", ", ".join(wording.totals(report))),
    ):
        table.add_row(Text(label, style="dim"), Text(text))
    return table


def _coverage(hours: Hours) -> Iterator[tuple[str, str]]:
    if text := wording.hours_text(hours):
        yield "coverage", text
    for reason in hours.reasons:
        yield "", shown(wording.reason_text(reason), wording.NAME_CHARACTERS_SHOWN)


def _show_uses(title: str, listing: Listing[Use], noun: str, console: Console) -> None:
    _heading(title, listing, noun, console)
    if not listing.shown:
        return
    table = Table.grid(padding=(0, 2))
    for use in listing.shown:
        graded = Text(use.identity or "", style=_STYLES.get(use.identity or "", ""))
        table.add_row(
            Text(_name(use.value), overflow="fold"),
            graded,
            Text(wording.number(use.requests), justify="right"),
            Text(wording.moment_text(use.first_seen), style="dim"),
            Text(wording.moment_text(use.last_seen), style="dim"),
        )
    console.print(table)


def _show_session(session: Session, console: Console) -> None:
    countries = f" ({_names(session.countries)})" if session.countries.shown else ""
    headline = (
        f"{session.number}. {wording.moment_text(session.started_at)}  "
        f"{wording.duration_text(session.duration_seconds)}, "
        f"{wording.counted(session.requests, 'request')}, {wording.counted(session.pages, 'page')}, "
        f"from {_names(session.addresses)}{countries}"
    )
    console.print(Text(headline, style="bold"))
    table = Table.grid(padding=(0, 2))
    for step in session.steps:
        statuses = " ".join(str(status) for status in step.statuses)
        times = f"{wording.number(step.times)} times" if step.times > 1 else ""
        table.add_row(
            Text(f"   {wording.clock_text(step.seen_at, session.started_at)}", style="dim"),
            Text(statuses),
            Text(f"{_name(step.host)}{_url(step.uri)}", overflow="fold"),
            Text(step.identity, style=_STYLES[step.identity]),
            Text(times, style="dim"),
        )
    console.print(table)
    if session.pages_not_shown:
        more = wording.more_of(session.pages_not_shown, "page")
        console.print(Text(f"   {more}", style="dim"))


def _show_refused(report: Report, console: Console) -> None:
    _heading("Refused requests", report.refused, "refused request", console)
    for refusal in report.refused.shown:
        console.print(
            Text(
                f"{wording.moment_text(refusal.seen_at)} {refusal.status} "
                f"{_name(refusal.security_action or '')} {_name(refusal.method)} "
                f"{_name(refusal.host)}{_url(refusal.uri)} {_name(refusal.ip)}"
            )
        )


def _show_logins(report: Report, console: Console) -> None:
    _heading("Logins", report.logins, "login", console)
    outcomes = {None: "unknown", True: "allowed", False: "refused"}
    for login in report.logins.shown:
        console.print(
            Text(
                f"{wording.moment_text(login.seen_at)} {outcomes[login.allowed]} "
                f"{_name(login.action)} {_name(login.application)} {_name(login.connection)} "
                f"{_name(login.ip)} {_name(login.country)}"
            )
        )


def _heading(title: str, listing: Listing[object], noun: str, console: Console) -> None:
    more = wording.more_text(listing, noun)
    console.print()
    console.print(Text.assemble((title, "bold"), f"  {more}" if listing.shown else "  none"))


def _names(listing: Listing[str]) -> str:
    more = f" {wording.more_text(listing, '')}" if listing.more else ""
    return (", ".join(_name(value) for value in listing.shown) or "(none)") + more


def _name(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.NAME_CHARACTERS_SHOWN)


def _url(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.URL_CHARACTERS_SHOWN)


def _cell(value: object) -> Text:
    text = "" if value is None else str(json_value(value))
    return Text(shown(text, ANSWER_CHARACTERS_SHOWN), overflow="fold")
