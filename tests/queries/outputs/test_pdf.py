"""The report as PDF, where the extra for it is installed."""

import builtins
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from queries.engine import Engine
from queries.outputs.html import pdf
from tests.queries.outputs.test_outputs import HOSTILE, hostile_record
from tests.queries.report.reports import START, reported


def test_a_pdf_of_hostile_text_loads_nothing(engine: Callable[..., Engine]) -> None:
    pytest.importorskip("weasyprint", exc_type=ImportError)
    found = reported(engine([hostile_record(HOSTILE[0]), hostile_record(HOSTILE[2])]))

    made = pdf.report_pdf(found)

    assert made.startswith(b"%PDF-1.7")
    assert b"/JavaScript" not in made
    assert b"/URI" not in made


def test_the_same_page_and_time_of_making_give_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A small page: laying out a report takes seconds."""
    pytest.importorskip("weasyprint", exc_type=ImportError)
    monkeypatch.delenv(pdf.EPOCH, raising=False)
    page = "<html lang='en'><head><title>x</title></head><body><h1>a report</h1></body></html>"

    def made(moment: datetime) -> bytes:
        with pdf._made_at(moment):
            assert os.environ[pdf.EPOCH].isdecimal()
            return pdf._pdf(page)

    assert made(START) == made(START)
    assert pdf.EPOCH not in os.environ


def test_what_to_install_is_said_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__
    errors: list[Exception] = [ImportError("no module"), OSError("cannot load library")]

    def fail(name: str, *rest: Any, **named: Any) -> Any:
        if name == "weasyprint":
            raise errors[0]
        return importing(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", fail)

    assert "raytrail[pdf]" in pdf.problem()
    errors.pop(0)
    assert "libpango" in pdf.problem()


def test_nothing_is_fetched(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", exc_type=ImportError)
    secret = tmp_path / "secret.txt"
    secret.write_text("body::before { content: 'secret' }")
    url = secret.as_uri()

    made = pdf._pdf(
        f"<html lang='en'><head><title>x</title><style>@import url({url});</style>"
        f"<link rel='attachment' href='{url}'></head>"
        f"<body style='background: url({url})'><img alt='' src='{url}'></body></html>"
    )

    assert made.startswith(b"%PDF-1.7")
    assert b"/EmbeddedFile" not in made
