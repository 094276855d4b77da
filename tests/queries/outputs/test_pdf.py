"""The report as PDF, where the extra for it is installed."""

import builtins
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from queries.engine import Engine
from queries.outputs.html import pdf
from tests.queries.outputs.test_outputs import HOSTILE, hostile_record
from tests.queries.report.reports import reported


def test_a_pdf_is_made_the_same_twice_and_loads_nothing(
    engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("weasyprint", exc_type=ImportError)
    monkeypatch.delenv(pdf.EPOCH, raising=False)
    found = reported(engine([hostile_record(HOSTILE[0]), hostile_record(HOSTILE[2])]))

    first, second = pdf.report_pdf(found), pdf.report_pdf(found)

    assert first.startswith(b"%PDF-1.7")
    assert first == second
    assert b"/JavaScript" not in first
    assert b"/URI" not in first
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
