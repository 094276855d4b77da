"""`raytrail report`: prints the report of one person, and saves it as HTML, CSV, JSON and Parquet."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import IO

from queries.engine import QUESTIONED, Engine
from queries.errors import QueryFailed
from queries.escape import for_terminal
from queries.identity.people import UnknownUser
from queries.outputs import json_out
from queries.outputs.saved_files import file_stem, period_stem, save, spooled
from queries.report.assembly import Options, Reporting, reporting
from queries.report.model import Report
from queries.report.page_one.made import Made
from queries.report.page_one.rules import Findings, failed, findings_of
from queries.report.person_requests import Batches
from queries.report.rows_elsewhere import others
from queries.shell_content import Told
from raytrail.command_line.echo import echo
from raytrail.commands.account import account_name
from raytrail.commands.questions.asked import Asked, answered, incomplete, streamed
from raytrail.commands.questions.trail import write_json
from raytrail.errors import FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow

# A year: with a longer pause every request of a person is one session.
SESSION_MINUTES_MAX = 366 * 24 * 60

# Of a file that is copied into its place.
BYTES_AT_ONCE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Saving:
    """Where the files go, if anywhere, and what is in them."""

    folder: Path | None
    is_csv_raw: bool = False
    is_pdf: bool = False

    def demand(self) -> None:
        """CannotDo if the files cannot be written as wanted."""
        if self.folder is not None and self.folder.exists() and not self.folder.is_dir():
            raise CannotDo(f"--save {self.folder}: this is a file; name a folder")
        if not self.is_pdf:
            return
        if self.folder is None:
            raise CannotDo("--pdf: name a folder for it with --save")
        from queries.outputs.html import pdf

        if why := pdf.problem():
            raise CannotDo(f"--pdf: {why}")


def session_gap(asked: float | None, default: float) -> timedelta:
    minutes, name = (
        (default, "RAYTRAIL_SESSION_MINUTES") if asked is None else (asked, "--session-minutes")
    )
    if not 0 < minutes <= SESSION_MINUTES_MAX:
        raise CannotDo(
            f"{name}: {minutes:g} is not a number above 0, up to {SESSION_MINUTES_MAX:,}"
        )
    return timedelta(minutes=minutes)


def made(user: str, typed: Mapping[str, object], *, by: str, case: str) -> Made:
    """How the report is made; the question is the command as it can be typed again.

    `typed` has each option that changes what a report tells, and its value; True for a flag.
    """
    given = ((name, value) for name, value in typed.items() if value)
    options = [
        word for name, value in given for word in ([name] if value is True else [name, str(value)])
    ]
    words = ["raytrail", "report", "--user", user, *options]
    version = metadata.version("raytrail")
    return Made(
        question=shlex.join(words),
        by=by,
        account=account_name() or "",
        case=case,
        version=version,
    )


@dataclass(frozen=True, slots=True)
class Asker:
    """How the report is made, and what settings tell the rules for findings."""

    made: Made
    told: Told


def show(asked: Asked, gap: timedelta, asker: Asker, saving: Saving, *, as_json: bool) -> None:
    """Print the report, and save it if wanted; the exit status is 1 if nobody has this name."""
    saving.demand()
    person = asked.person()
    options = Options(gap, tuple(asked.access_hosts), asked.zone)

    def print_report(engine: Engine) -> bool:
        with reporting(engine, person, asked.period, options) as questions:
            if isinstance(questions, UnknownUser):
                _print(asked.unknown(person), engine, as_json=as_json)
                return False
            with shown_if_slow("reading the store"):
                found = replace(questions.report(), made=asker.made, silences=asked.silences())
                # Read before anything is printed: a damaged file may show only now.
                rows = _rows(questions) if saving.folder is not None else iter(())
            found = replace(found, findings=_findings(asked, questions, asker.told))
            _print(found, engine, as_json=as_json)
            if saving.folder is not None:
                _save(saving.folder, asked, found, rows, saving)
        return True

    # The report also tells what is known of the person outside the period.
    snapshot = asked.snapshot(person)
    is_known = answered(
        snapshot,
        print_report,
        datasets={*QUESTIONED, *others(snapshot)},
        is_without_damaged=asked.is_without_damaged,
        rules=asked.rules,
    )
    if not is_known:
        sys.exit(FOUND_SOMETHING_WRONG)


def _findings(asked: Asked, questions: Reporting, told: Told) -> Findings:
    """Of the whole store, because rules compare people. A report does without them where they fail."""
    from raytrail.commands.questions import findings

    names, reader = tuple(questions.who.person.users), questions.requests.reader
    try:
        with shown_if_slow("judging the records"):
            return findings_of(*findings.judged(asked, names, told, reader))
    except QueryFailed as error:
        return failed(str(error))


def _print(found: Report | UnknownUser, engine: Engine, *, as_json: bool) -> None:
    if as_json:
        write_json(iter([json_out.report_object(found)]))
    else:
        _show(found)
    is_shown = isinstance(found, Report) and not as_json
    for sentence in () if is_shown else incomplete(engine.snapshot):
        echo(for_terminal(sentence), err=True)


def _show(found: Report | UnknownUser) -> None:
    # Late: Rich is of no use to --json.
    from queries.outputs import terminal
    from queries.outputs.terminal_report import show_report

    console = terminal.make_console()
    if isinstance(found, Report):
        show_report(found, console)
    else:
        terminal.show_unknown(found, console)


def _rows(questions: Reporting) -> Batches:
    from queries.outputs.parquet_out import ROWS_AT_ONCE

    return streamed(questions.requests.trail(ROWS_AT_ONCE))


def _save(
    folder: Path,
    asked: Asked,
    found: Report,
    rows: Batches,
    saving: Saving,
) -> None:
    with shown_if_slow("writing the report"):
        paths = _written(folder, asked, found, rows, saving)
    for path in paths:
        echo(f"saved {path}", err=True)


def _written(
    folder: Path,
    asked: Asked,
    found: Report,
    rows: Batches,
    saving: Saving,
) -> list[Path]:
    # Late: drawing a chart loads half a second of libraries that no other answer needs.
    from queries.outputs.csv_columns import columns_csv
    from queries.outputs.html import page
    from queries.outputs.parquet_out import also_parquet

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotDo(f"--save {folder}: no folder can be made: {error.strerror}") from error
    stem = folder / f"{file_stem(found.who.user)}-{period_stem(asked.period, asked.zone)}"
    # The file of Parquet grows beside the one of CSV: the rows are read once.
    with spooled(folder) as spool:
        kept = also_parquet(rows, spool)
        contents = {
            ".html": iter([page.report_html(found)]),
            ".csv": columns_csv(kept, is_raw=saving.is_csv_raw),
            ".json": iter([json_out.report_object(found)]),
            ".parquet": _copied(spool),
        }
        if saving.is_pdf:
            from queries.outputs.html import pdf

            contents[".pdf"] = iter([pdf.report_pdf(found)])
        for suffix, pieces in contents.items():
            save(stem.with_name(f"{stem.name}{suffix}"), pieces)
    return [stem.with_name(f"{stem.name}{suffix}") for suffix in contents]


def _copied(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while piece := spool.read(BYTES_AT_ONCE):
        yield piece
