"""Writes JSON: one object a line for rows, one object for a report. Nothing is shortened."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson

from queries.engine import Answer
from queries.identity.people import UnknownUser
from queries.outputs.json_values import json_value
from queries.trail import TrailRow

if TYPE_CHECKING:
    # A trail must not pay for the values of a report.
    from queries.report.model import Report


# Of every object of an answer that leaves damaged files out.
INCOMPLETE = "incomplete"


def trail_lines(rows: Iterable[TrailRow], *, is_incomplete: bool = False) -> Iterator[bytes]:
    """A trail's rows hold only text and integers, so they need no conversion."""
    if is_incomplete:
        marked = ({**asdict(row), INCOMPLETE: True} for row in rows)
        return (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in marked)
    return (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def answer_lines(answer: Answer, *, is_incomplete: bool = False) -> Iterator[bytes]:
    """The rows of an analyst's statement. A repeated column name gets a number."""
    mark = (INCOMPLETE,) if is_incomplete else ()
    names = _distinct((*answer.columns, *mark))
    for row in answer.rows:
        values = (json_value(value) for value in (*row, *(True for _ in mark)))
        yield orjson.dumps(dict(zip(names, values, strict=True)), option=orjson.OPT_APPEND_NEWLINE)


def report_object(outcome: "Report | UnknownUser") -> bytes:
    """`known` is true for a report and false for an unknown user."""
    known = not isinstance(outcome, UnknownUser)
    document = {"known": known, **json_value(outcome)}
    if not isinstance(outcome, UnknownUser) and outcome.coverage.left_out:
        document[INCOMPLETE] = True
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2)


def _distinct(columns: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for column in columns:
        name, number = column, 0
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return tuple(names)
