"""Reads a command line that is plainly right, without Typer, which takes longer to load than most
questions take to answer.

Plain are options that are written in full with a text, a path, or nothing as their value. Whatever
else there is, also every mistake, is Typer's, which then reads the whole line.
"""

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Final, get_args, get_origin

from raytrail.command_line.parameters import Option, WrongValue
from raytrail.command_line.table import COMMANDS, GROUPS
from store.names import is_utf8

# Typer completes words of a shell that sets such a variable.
COMPLETION_END: Final = "_COMPLETE"


@dataclass(frozen=True, slots=True)
class Call:
    function: Callable[..., Any]
    values: Mapping[str, Any]

    def run(self) -> None:
        self.function(**self.values)


def read(words: Sequence[str]) -> Call | None:
    """What a line asks for; None if Typer should read it."""
    if any(name.endswith(COMPLETION_END) for name in os.environ):
        return None
    command, rest = _command(words)
    if command is None:
        return None
    function = command()
    try:
        values = dict(_values(list(_parameters(function)), rest))
    except _NotPlain:
        return None
    return Call(function, values)


class _NotPlain(Exception):
    """The line needs Typer."""


@dataclass(frozen=True, slots=True)
class _Parameter:
    """`option` is empty for an argument. A text or a path has a value, and a flag (bool) has none;
    the kind None is a type that Typer reads.
    """

    name: str
    option: str
    kind: type | None
    check: Callable[[str], str] | None
    is_required: bool

    def value(self, text: str) -> Any:
        if text.startswith("-") or not is_utf8(text):
            raise _NotPlain
        if self.kind is Path and text:
            return Path(text)
        if self.kind is not str:
            raise _NotPlain
        try:
            return self.check(text) if self.check else text
        except WrongValue:
            raise _NotPlain from None


def _command(words: Sequence[str]) -> tuple[Callable[[], Callable[..., Any]] | None, Sequence[str]]:
    """The function of a command and the words behind its name."""
    first, second = (*words[:2], "", "")[:2]
    for command in COMMANDS:
        if command.name == first:
            return command.function, words[1:]
    for group in GROUPS:
        if group.name == first:
            for command in group.commands:
                if command.name == second:
                    return command.function, words[2:]
            # Without a command of its own, as `doctor --json`; behind options there may be one.
            return (group.function if group.place else None), words[1:]
    return None, ()


def _parameters(function: Callable[..., Any]) -> Iterator[_Parameter]:
    for name, each in inspect.signature(function).parameters.items():
        annotated, declared = get_args(each.annotation)
        is_option = isinstance(declared, Option)
        yield _Parameter(
            name,
            (declared.name or f"--{name.replace('_', '-')}") if is_option else "",
            _kind(annotated),
            declared.check if is_option else None,
            is_required=each.default is inspect.Parameter.empty,
        )


def _kind(annotated: Any) -> type | None:
    kinds = get_args(annotated) if get_origin(annotated) is UnionType else (annotated,)
    found = [each for each in kinds if each is not type(None)]
    return found[0] if len(found) == 1 and found[0] in {str, Path, bool} else None


def _values(parameters: Sequence[_Parameter], words: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Each value that the words give, by the name of its parameter."""
    options = {each.option: each for each in parameters if each.option}
    arguments = [each for each in parameters if not each.option]
    given, left = set[str](), iter(words)
    for word in left:
        name, equals, text = word.partition("=") if word.startswith("-") else ("", "=", word)
        if not (name in options or (not name and arguments)):
            raise _NotPlain
        found = options[name] if name else arguments.pop(0)
        if found.name in given:
            raise _NotPlain
        given.add(found.name)
        if found.kind is not bool:
            yield found.name, found.value(text if equals else next(left, "-"))
        elif equals:
            raise _NotPlain
        else:
            yield found.name, True
    if any(each.is_required and each.name not in given for each in parameters):
        raise _NotPlain
