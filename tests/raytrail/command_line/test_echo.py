"""Lines for a person, as Typer would print them."""

import io
import sys

import pytest
import typer

from raytrail.command_line.echo import echo


@pytest.mark.parametrize("line", ["plain", "zoë", "", "\x1b[31mred\x1b[0m"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_line_is_printed_as_typer_prints_it(
    monkeypatch: pytest.MonkeyPatch, line: str, encoding: str
) -> None:
    printed = []
    for print_line in (echo, typer.echo):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "stderr", stream)
        print_line(line)
        print_line(line, err=True)
        print_line(line, nl=False)
        stream.seek(0)
        printed.append(stream.buffer.read())

    assert printed[0] == printed[1]
    assert b"\x1b" not in printed[0]


def test_a_process_without_standard_output_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    echo("nobody reads this")
