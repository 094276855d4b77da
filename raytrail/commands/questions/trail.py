"""`raytrail trail`: prints every request of one person."""

import sys
from collections.abc import Iterable, Iterator
from enum import Enum

import typer

from queries.engine import Engine
from queries.escape import for_terminal
from queries.people import UnknownUser, look_up
from queries.trail import TrailRow
from raytrail.commands.options import is_terminal, shown_json
from raytrail.commands.questions.asked import Asked, answered, incomplete, streamed
from raytrail.errors import CannotDo


class Output(Enum):
    TERMINAL = "terminal"
    JSON = "json"
    CSV = "csv"


def output(*, as_json: bool, as_csv: bool) -> Output:
    if as_json and as_csv:
        raise CannotDo("--json and --csv cannot be combined: choose one")
    return Output.JSON if as_json else Output.CSV if as_csv else Output.TERMINAL


def show(asked: Asked, host: str, chosen: Output) -> None:
    """Print the rows as they are read; say so when there are none."""

    def print_rows(engine: Engine) -> None:
        rows = streamed(asked.rows(engine, host))
        left_out = incomplete(engine.snapshot)
        for sentence in left_out:
            typer.echo(for_terminal(sentence), err=True)
        match chosen:
            case Output.JSON:
                from queries.outputs import json_out

                write_json(json_out.trail_lines(rows, is_incomplete=bool(left_out)))
            case Output.CSV:
                from queries.outputs import csv_out

                write(csv_out.trail_csv(rows, is_for_terminal=is_terminal()))
            case Output.TERMINAL:
                _print(asked, rows)

    snapshot = asked.snapshot(asked.period())
    answered(snapshot, print_rows, is_without_damaged=asked.is_without_damaged)


def write(pieces: Iterator[bytes]) -> None:
    sys.stdout.buffer.writelines(pieces)
    sys.stdout.buffer.flush()


def write_json(pieces: Iterator[bytes]) -> None:
    if is_terminal():
        pieces = (shown_json(piece.decode()).encode() for piece in pieces)
    write(pieces)


def _print(asked: Asked, rows: Iterable[TrailRow]) -> None:
    # Late: Rich is of no use to --json and --csv.
    from queries.outputs import terminal

    if terminal.show_trail(rows, terminal.make_console()):
        return
    who = answered(
        asked.snapshot(),
        lambda engine: look_up(engine, asked.user),
        is_without_damaged=asked.is_without_damaged,
    )
    if isinstance(who, UnknownUser):
        terminal.show_unknown(asked.unknown(), terminal.make_console(sys.stderr))
    else:
        typer.echo("no requests in this period", err=True)
