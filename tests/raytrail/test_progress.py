"""A waiting person is told what is going on; a quick command prints nothing."""

import time

import pytest

from raytrail import progress
from raytrail.progress import shown_if_slow


def wait_until_printed(capsys: pytest.CaptureFixture[str]) -> str:
    for _ in range(1_000):
        printed = capsys.readouterr().err
        if printed:
            return printed
        time.sleep(0.01)
    raise AssertionError("nothing was printed")


def test_a_quick_command_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_if_slow("asking") as update:
        update("still asking")

    assert capsys.readouterr().err == ""


def test_a_slow_command_prints_its_newest_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SLOW_SECONDS", 0.05)

    with shown_if_slow("asking") as update:
        update("still asking")

        assert wait_until_printed(capsys) == "still asking ...\n"


def test_a_pipe_gets_the_next_line_only_after_a_pause(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SLOW_SECONDS", 0.0)

    with shown_if_slow("asking") as update:
        wait_until_printed(capsys)
        update("too early")
        assert capsys.readouterr().err == ""

        monkeypatch.setattr(progress, "PIPE_SECONDS", 0.0)
        update("later")
        assert capsys.readouterr().err == "later ...\n"


def test_an_update_before_the_first_line_prints_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PIPE_SECONDS", 0.0)

    with shown_if_slow("asking") as update:
        update("still asking")

    assert capsys.readouterr().err == ""
