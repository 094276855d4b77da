"""The console script as a person runs it."""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from raytrail.cli import main
from tests.command import Command, Ended
from tests.service import Service, running

# A process makes the whole tree of commands once; so does this one.
_made = cache(typer.main.get_command)


@pytest.fixture
def raytrail(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The console script's own function; as a process each call would cost a second."""
    monkeypatch.setenv("RAYTRAIL_RESERVE_BYTES", "0")
    monkeypatch.setenv("RAYTRAIL_RESERVE_PERCENT", "0")
    monkeypatch.setattr(typer.main, "get_command", _made)

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["raytrail", *map(str, arguments)])
        capfd.readouterr()
        status: object = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        assert isinstance(status, int)
        return Ended(status, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def destination(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A real service for those who only need somebody to take their uploads."""
    with running(tmp_path_factory.mktemp("destination") / "data") as started:
        yield started
