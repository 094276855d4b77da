"""`raytrail trail`: prints every request of one person."""

import sys
from collections.abc import Iterator, Sequence
from enum import Enum

from queries.engine import Engine
from queries.escape import for_terminal
from queries.identity import person_words
from queries.identity.people import KnownUser, UnknownUser, look_up
from queries.identity.person import Person
from raytrail.command_line.echo import echo
from raytrail.commands.options import is_terminal, shown_json
from raytrail.commands.plurals import counted
from raytrail.commands.questions.asked import Asked, answered, incomplete, streamed
from raytrail.errors import FOUND_SOMETHING_WRONG, CannotDo
from store.reading.narrow.reader import narrow_reader
from store.reading.snapshot import Snapshot


class Output(Enum):
    TERMINAL = "terminal"
    JSON = "json"
    CSV = "csv"


def output(*, as_json: bool, as_csv: bool) -> Output:
    if as_json and as_csv:
        raise CannotDo("--json and --csv cannot be combined: choose one")
    return Output.JSON if as_json else Output.CSV if as_csv else Output.TERMINAL


def show(asked: Asked, host: str, chosen: Output, *, is_csv_raw: bool = False) -> None:
    """Print the rows as they are read; say so when there are none."""
    person, told = asked.person(), list[str]()
    _tell_names(person)
    _tell_elsewhere(asked, person)

    def print_rows(engine: Engine) -> bool:
        engine.read_narrowly(narrow_reader(asked.layout))
        rows = streamed(asked.rows(engine, person, host))
        told.extend(_tell_left_out(engine.snapshot, told))
        match chosen:
            case Output.JSON:
                from queries.outputs import json_out

                write_json(json_out.trail_lines(rows, is_incomplete=bool(told)))
            case Output.CSV:
                from queries.outputs import csv_out

                write(csv_out.trail_csv(rows, is_for_terminal=is_terminal(), is_raw=is_csv_raw))
            case Output.TERMINAL:
                # Late: Rich is of no use to --json and --csv.
                from queries.outputs import terminal

                return bool(terminal.show_trail(rows, terminal.make_console(), person.asked))
        return True

    snapshot = asked.snapshot(person, asked.period)
    if answered(
        snapshot,
        print_rows,
        is_without_damaged=asked.is_without_damaged,
        rules=asked.rules,
    ):
        _tell_silences(asked)
    else:
        _say_why_empty(asked, person, told)


def write(pieces: Iterator[bytes]) -> None:
    sys.stdout.buffer.writelines(pieces)
    sys.stdout.buffer.flush()


def write_json(pieces: Iterator[bytes]) -> None:
    if is_terminal():
        pieces = (shown_json(piece.decode()).encode() for piece in pieces)
    write(pieces)


def _tell_names(person: Person) -> None:
    """On standard error, since every row has its own name."""
    for sentence in person_words.other_names(person):
        echo(sentence, err=True)
    if note := person_words.grade_note(person):
        echo(note, err=True)


def _tell_elsewhere(asked: Asked, person: Person) -> None:
    """Which other datasets have rows under a name of the person; a trail has requests only."""
    for name, each in asked.elsewhere(person):
        rows, quoted = counted(each.rows, "row"), person_words.quoted(name)
        echo(f"not in a trail: {each.dataset}: {rows} under {quoted} in the whole store", err=True)


def _tell_left_out(snapshot: Snapshot, told: Sequence[str]) -> list[str]:
    """Print a sentence for each file that an answer leaves out, but for those that were `told`."""
    sentences = [each for each in incomplete(snapshot) if each not in told]
    for sentence in sentences:
        echo(for_terminal(sentence), err=True)
    return sentences


def _tell_silences(asked: Asked) -> None:
    found = asked.silences()
    if not found.found:
        return
    # Late: the words of reports take as long to load as a short trail to answer.
    from queries.report.wording import silence_lines

    for sentence in silence_lines(found):
        echo(sentence, err=True)


def _say_why_empty(asked: Asked, person: Person, told: Sequence[str]) -> None:
    """Whether the person is unknown is a question about the whole store, and may be incomplete."""
    from queries.outputs import terminal

    def who(engine: Engine) -> KnownUser | UnknownUser:
        found = look_up(engine, person)
        _tell_left_out(engine.snapshot, told)
        return found

    found = answered(asked.snapshot(person), who, is_without_damaged=asked.is_without_damaged)
    if isinstance(found, UnknownUser):
        terminal.show_unknown(asked.unknown(person), terminal.make_console(sys.stderr))
        sys.exit(FOUND_SOMETHING_WRONG)
    echo("no requests in this period", err=True)
    _tell_silences(asked)
