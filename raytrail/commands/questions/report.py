"""`raytrail report`: prints the report of one person, and saves it as HTML, CSV and JSON."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import typer

from queries.engine import QUESTIONED, Engine
from queries.escape import for_terminal
from queries.identity.people import UnknownUser
from queries.identity.person import Person
from queries.outputs import csv_out, json_out
from queries.outputs.saved_files import file_stem, save
from queries.report.assembly import report
from queries.report.model import Report
from queries.report.rows_elsewhere import others
from raytrail.commands.questions.asked import Asked, answered, incomplete, streamed
from raytrail.commands.questions.trail import write_json
from raytrail.errors import CannotDo
from raytrail.progress import shown_if_slow

# A year: with a longer pause every request of a person is one session.
SESSION_MINUTES_MAX = 366 * 24 * 60


def session_gap(asked: float | None, default: float) -> timedelta:
    minutes, name = (
        (default, "RAYTRAIL_SESSION_MINUTES") if asked is None else (asked, "--session-minutes")
    )
    if not 0 < minutes <= SESSION_MINUTES_MAX:
        raise CannotDo(
            f"{name}: {minutes:g} is not a number above 0, up to {SESSION_MINUTES_MAX:,}"
        )
    return timedelta(minutes=minutes)


def show(asked: Asked, gap: timedelta, *, as_json: bool, save_folder: Path | None) -> None:
    if save_folder is not None and save_folder.exists() and not save_folder.is_dir():
        raise CannotDo(f"--save {save_folder}: this is a file; name a folder")

    person = asked.person()

    def print_report(engine: Engine) -> None:
        _show(engine, asked, person, gap, as_json=as_json, save_folder=save_folder)

    # The report also tells what is known of the person outside the period.
    snapshot = asked.snapshot(person)
    answered(
        snapshot,
        print_report,
        datasets={*QUESTIONED, *others(snapshot)},
        is_without_damaged=asked.is_without_damaged,
        rules=asked.rules,
    )


def _show(
    engine: Engine,
    asked: Asked,
    person: Person,
    gap: timedelta,
    *,
    as_json: bool,
    save_folder: Path | None,
) -> None:
    with shown_if_slow("reading the store"):
        found = report(
            engine,
            person,
            asked.period,
            session_gap=gap,
            configured_access_hosts=asked.access_hosts,
        )
        # Read before anything is printed: a damaged file may show only now.
        rows = streamed(asked.rows(engine, person)) if save_folder is not None else iter(())
    if isinstance(found, UnknownUser):
        found = asked.unknown(person)
    else:
        found = replace(found, silences=asked.silences())
    if as_json:
        write_json(iter([json_out.report_object(found)]))
    else:
        _print(found)
    is_shown = isinstance(found, Report) and not as_json
    for sentence in () if is_shown else incomplete(engine.snapshot):
        typer.echo(for_terminal(sentence), err=True)
    if save_folder is not None and isinstance(found, Report):
        with shown_if_slow("writing the report"):
            paths = _save(save_folder, found, csv_out.trail_csv(rows))
        for path in paths:
            typer.echo(f"saved {path}", err=True)


def _print(found: Report | UnknownUser) -> None:
    # Late: Rich is of no use to --json.
    from queries.outputs import terminal
    from queries.outputs.terminal_report import show_report

    console = terminal.make_console()
    if isinstance(found, Report):
        show_report(found, console)
    else:
        terminal.show_unknown(found, console)


def _save(folder: Path, found: Report, rows: Iterator[bytes]) -> list[Path]:
    # Late: drawing a chart loads half a second of libraries that no other answer needs.
    from queries.outputs import html

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotDo(f"--save {folder}: no folder can be made: {error.strerror}") from error
    stem = file_stem(found.who.user)
    contents = {
        f"{stem}.html": iter([html.report_html(found)]),
        f"{stem}.csv": rows,
        f"{stem}.json": iter([json_out.report_object(found)]),
    }
    for name, pieces in contents.items():
        save(folder / name, pieces)
    return [folder / name for name in contents]
