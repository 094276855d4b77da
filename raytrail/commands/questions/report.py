"""`raytrail report`: prints the report of one person, and saves it as HTML, CSV, JSON and Parquet."""

import shlex
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from importlib import metadata

from queries.engine import QUESTIONED, Engine
from queries.errors import QueryFailed
from queries.escape import for_terminal
from queries.identity.people import UnknownUser
from queries.outputs import json_out
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
from raytrail.commands.questions.report_files import ReportFiles, Saving, beside
from raytrail.commands.questions.trail import write_json
from raytrail.errors import FOUND_SOMETHING_WRONG, CannotDo
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

    def tell(questions: Reporting, found: Report) -> Report:
        whole = replace(found, findings=_findings(asked, questions, asker.told))
        _print(whole, questions.engine, as_json=as_json)
        return whole

    def print_report(engine: Engine) -> bool:
        with reporting(engine, person, asked.period, options) as questions:
            if isinstance(questions, UnknownUser):
                _print(asked.unknown(person), engine, as_json=as_json)
                return False
            with shown_if_slow("reading the store"):
                found = replace(questions.report(), made=asker.made, silences=asked.silences())
            files = saving.files(asked, found.who.user)
            if files is None:
                tell(questions, found)
            else:
                # The first rows are read before anything is printed: a damaged file may show now.
                rows = _rows(questions)
                with beside(engine, partial(files.save_requests, rows)) as requests:
                    _save(files, tell(questions, found), requests)
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


def _save(files: ReportFiles, found: Report, requests: Future[None]) -> None:
    with shown_if_slow("writing the report"):
        files.save_report(found)
        requests.result()
    for path in files.paths:
        echo(f"saved {path}", err=True)


def _rows(questions: Reporting) -> Batches:
    from queries.outputs.parquet_out import ROWS_AT_ONCE

    return streamed(questions.requests.trail(ROWS_AT_ONCE))
