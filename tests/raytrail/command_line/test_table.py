"""The table of commands says what their functions say."""

import inspect

import pytest

from raytrail.command_line.table import COMMANDS, GROUPS, Command, Group

ALL: tuple[Command | Group, ...] = (
    *COMMANDS,
    *(group for group in GROUPS if group.place),
    *(command for group in GROUPS for command in group.commands),
)


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.place)
def test_a_command_is_listed_with_the_first_sentence_of_its_help(each: Command | Group) -> None:
    first = (inspect.getdoc(each.function()) or "").partition("\n\n")[0]

    assert " ".join(first.split()) == each.summary


def test_every_name_is_there_once() -> None:
    names = [each.name for each in (*COMMANDS, *GROUPS)]

    assert len(set(names)) == len(names)
