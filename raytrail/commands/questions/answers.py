"""The commands that answer questions: over one snapshot, on the way out a person chose."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path

import typer

from queries.analyst import analyst_sql
from queries.engine import QUESTIONED, Engine, open_engine
from queries.outputs import csv_out, json_out, terminal
from queries.outputs.saved_files import file_stem, save
from queries.people import UnknownUser, can_be_logged, look_up
from queries.period import ALWAYS, Period, parse_period
from queries.report.assembly import report as make_report
from queries.report.model import Report
from queries.trail import TrailRow
from queries.trail import trail as make_trail
from raytrail.errors import CannotDo
from raytrail.progress import shown_if_slow
from store.catalog.scope import Scope
from store.reading.snapshot import Snapshot
from store.store import Store

DATASET = "http_requests"


class WayOut(Enum):
    TERMINAL = "terminal"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose trail over which time, as typed."""

    store: Store
    user: str
    since: str
    until: str
    access_hosts: frozenset[str]

    def period(self) -> Period:
        return parse_period(self.since, self.until)

    def scope(self, period: Period = ALWAYS) -> Scope:
        # No file can hold a name that cannot be logged.
        user = self.user if can_be_logged(self.user) else ""
        return Scope(dataset=DATASET, user=user, since=period.since, until=period.until)

    def rows(self, engine: Engine, host: str = "") -> Iterator[TrailRow]:
        return make_trail(
            engine,
            self.user,
            self.period(),
            host=host,
            configured_access_hosts=self.access_hosts,
        )


def way_out(*, as_json: bool, as_csv: bool) -> WayOut:
    if as_json and as_csv:
        raise CannotDo("--json and --csv are two ways out; choose one")
    return WayOut.JSON if as_json else WayOut.CSV if as_csv else WayOut.TERMINAL


def report(asked: Asked, gap: timedelta, *, as_json: bool, save_folder: Path | None) -> None:
    """Print the report of one person; save it as HTML, CSV and JSON when a folder is given."""
    period = asked.period()
    # What is known of the person beyond the period is asked for as well.
    with open_engine(asked.store.snapshot(asked.scope()), datasets=QUESTIONED) as engine:
        with shown_if_slow("reading the store"):
            found = make_report(
                engine,
                asked.user,
                period,
                session_gap=gap,
                configured_access_hosts=asked.access_hosts,
            )
        if isinstance(found, UnknownUser):
            found = _unknown(asked)
        if as_json:
            sys.stdout.buffer.write(json_out.report_object(found))
        else:
            _show(found)
        if save_folder is not None and isinstance(found, Report):
            with shown_if_slow("writing the report"):
                paths = _save(save_folder, found, csv_out.trail_csv(asked.rows(engine)))
            for path in paths:
                typer.echo(f"saved {path}", err=True)


def trail(asked: Asked, host: str, way: WayOut) -> None:
    """Print every request of one person; say so when there is none."""
    scope = asked.scope(asked.period())
    with open_engine(asked.store.snapshot(scope), datasets=QUESTIONED) as engine:
        rows = asked.rows(engine, host)
        match way:
            case WayOut.JSON:
                _write(json_out.trail_lines(rows))
            case WayOut.CSV:
                _write(csv_out.trail_csv(rows))
            case WayOut.TERMINAL:
                if not terminal.show_trail(rows, terminal.make_console()):
                    _say_nothing_found(asked)


def sql(snapshot: Snapshot, statement: str, *, as_json: bool) -> None:
    """Print the rows of one statement that only reads."""
    with open_engine(snapshot) as engine:
        with shown_if_slow("asking"):
            answer = analyst_sql(engine, statement)
        if as_json:
            _write(json_out.answer_lines(answer))
        else:
            terminal.show_answer(answer, terminal.make_console())


def _write(pieces: Iterator[bytes]) -> None:
    sys.stdout.buffer.writelines(pieces)
    sys.stdout.buffer.flush()


def _show(found: Report | UnknownUser) -> None:
    console = terminal.make_console()
    if isinstance(found, Report):
        terminal.show_report(found, console)
    else:
        terminal.show_unknown(found, console)


def _say_nothing_found(asked: Asked) -> None:
    with open_engine(asked.store.snapshot(asked.scope()), datasets=QUESTIONED) as engine:
        who = look_up(engine, asked.user)
    if isinstance(who, UnknownUser):
        terminal.show_unknown(_unknown(asked), terminal.make_console(sys.stderr))
    else:
        typer.echo("no requests in this range", err=True)


def _unknown(asked: Asked) -> UnknownUser:
    """Whom one could have meant: for that, everybody's names are read."""
    with open_engine(asked.store.snapshot(), datasets=QUESTIONED) as engine:
        found = look_up(engine, asked.user)
    return found if isinstance(found, UnknownUser) else UnknownUser(asked.user, ())


def _save(folder: Path, found: Report, rows: Iterator[bytes]) -> list[Path]:
    # Late: drawing a chart loads half a second of libraries that no other answer needs.
    from queries.outputs import html

    folder.mkdir(parents=True, exist_ok=True)
    stem = file_stem(found.who.user)
    contents = {
        f"{stem}.html": iter([html.report_html(found)]),
        f"{stem}.csv": rows,
        f"{stem}.json": iter([json_out.report_object(found)]),
    }
    for name, pieces in contents.items():
        save(folder / name, pieces)
    return [folder / name for name in contents]
