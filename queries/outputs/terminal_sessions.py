"""Prints the sessions of a report in a terminal, step by step."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from queries.identity.person_words import quoted
from queries.outputs.html import folding
from queries.outputs.terminal import GRADE_STYLES, logged, logged_names, logged_url
from queries.report import kind_words, wording
from queries.report.model import Report
from queries.report.sessions import Session, Step
from queries.report.times import Times

# The longest label of a kind, the longest usual method, and sizes such as "1.23 kB down".
_KIND_COLUMNS, _METHOD_COLUMNS, _SIZE_COLUMNS = 8, 6, 12


# Of the newest sessions; nobody reads more in a terminal, and drawing a thousand takes a second.
STEPS_TOLD = 500


def show_sessions(report: Report, console: Console, times: Times) -> None:
    told = folding.sessions_told(report.sessions.shown, STEPS_TOLD)
    if text := folding.told_text(report.sessions.shown, told):
        console.print(Text(text, style="dim"))
    for session in report.sessions.shown:
        console.print(Text(_headline(session, times), style="bold"))
        if session.number in told:
            _show_steps(session, report.who.user, console, times)


def _headline(session: Session, times: Times) -> str:
    countries = f" ({logged_names(session.countries)})" if session.countries.shown else ""
    headline = (
        f"{session.number}. {times.moment(session.started_at)}  "
        f"{wording.duration_text(session.duration_seconds)}, "
        f"{wording.counted(session.requests, 'request')} "
        f"({kind_words.kinds_text(session.kinds)}), "
        f"from {logged_names(session.addresses)}{countries}"
    )
    if text := kind_words.start_text(session, times):
        headline += f", {text}"
    return headline


def _show_steps(session: Session, asked: str, console: Console, times: Times) -> None:
    table = Table.grid(padding=(0, 2))
    for step in session.steps:
        table.add_row(
            Text(f"   {times.clock(step.seen_at, session.started_at)}", style="dim"),
            Text(_act(step), style="red" if step.is_refused else ""),
            _request(step, asked),
            Text(step.identity, style=GRADE_STYLES.get(step.identity, "")),
        )
    console.print(table)
    if text := kind_words.steps_shown_text(session):
        console.print(Text(f"   {text}", style="dim"))


def _act(step: Step) -> str:
    moved = kind_words.moved_text(step.size_bytes, step.direction)
    return (
        f"{kind_words.kind_label(step.kind):{_KIND_COLUMNS}} "
        f"{logged(step.method):{_METHOD_COLUMNS}} {kind_words.statuses_text(step):3} "
        f"{moved:>{_SIZE_COLUMNS}}"
    )


def _request(step: Step, asked: str) -> Text:
    """The URL, and below it what else there is to say about the step."""
    times = f"{wording.number(step.times)} times" if step.times > 1 else ""
    name = f"as {quoted(step.user_id)}" if step.user_id != asked else ""
    refused = "refused" if step.is_refused else ""
    words = (times, refused, kind_words.navigation_text(step.navigation), name)
    told = ", ".join(word for word in (*words, kind_words.folded_text(step)) if word)
    url = Text(f"{logged(step.host)}{logged_url(step.uri)}", overflow="fold")
    return Text.assemble(url, (f"\n  {told}" if told else "", "dim"), overflow="fold")
