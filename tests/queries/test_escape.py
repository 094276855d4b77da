"""What a terminal or a spreadsheet would obey is shown instead."""

import csv
import io
import re
import unicodedata
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.escape import CUT_MARK, cut, for_csv, for_terminal, shown
from queries.outputs.csv_out import trail_csv
from queries.trail import TrailRow

PLAIN = TrailRow(
    **{  # type: ignore[arg-type]
        **dict.fromkeys(field.name for field in fields(TrailRow)),
        "batch_id": "b",
        "line_number": 1,
        "received_at": "r",
    }
)
ANY_TEXT = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("plain /path?q=1 [red]x[/red] %s{0}", "plain /path?q=1 [red]x[/red] %s{0}"),
        ("\x1b[31mred", r"\u001b[31mred"),
        ("\x07\x00\r\n\t\x7f", r"\u0007\u0000\u000d\u000a\u0009\u007f"),
        ("\x9b31m", r"\u009b31m"),
        ("\x1b]8;;https://evil.example\x1b\\x", r"\u001b]8;;https://evil.example\u001b\x"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("\u2066\u200b\u2060\ufeff", r"\u2066\u200b\u2060\ufeff"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ue000\udcff", r"\ue000\udcff"),
        ("\U000e0041\U0010fffd", r"\U000e0041\U0010fffd"),
        ("Ünï שלום 日本 🙂", "Ünï שלום 日本 🙂"),
    ],
)
def test_control_characters_are_shown_as_escapes(text: str, visible: str) -> None:
    assert for_terminal(text) == visible


@given(ANY_TEXT)
def test_no_control_character_is_left(text: str) -> None:
    left = {unicodedata.category(character) for character in for_terminal(text)}

    assert not left & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(st.text())
def test_visible_characters_are_not_changed(text: str) -> None:
    visible = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Co"})
    kept = re.sub(r"\\u[0-9a-f]{4}|\\U[0-9a-f]{8}", "", for_terminal(text))

    if "\\" not in text and not {"Zl", "Zp"} & {unicodedata.category(c) for c in text}:
        assert kept == visible


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_formula_gets_a_quote_in_front(first: str) -> None:
    assert for_csv(f"{first}1+1") == f"'{first}1+1"


@pytest.mark.parametrize("text", ["", "/a=b", "a\n=1", "'=1", " =1"])
def test_other_cells_are_unchanged(text: str) -> None:
    assert for_csv(text) == text


@given(st.text(), st.text())
def test_any_text_is_one_cell_of_one_row_and_loses_nothing(uri: str, agent: str) -> None:
    row = replace(PLAIN, uri=uri, user_agent=agent)
    content = b"".join(trail_csv([row, PLAIN])).decode()

    header, first, second = csv.reader(io.StringIO(content, newline=""))

    found = dict(zip(header, first, strict=True))
    for text, cell in ((uri, found["uri"]), (agent, found["user_agent"])):
        assert cell in {text, f"'{text}"}
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert len(second) == len(header)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("0123456789", "0123456789"), ("0123456789x", f"0123456789{CUT_MARK} (11 characters)")],
)
def test_the_start_of_a_text_past_the_limit_remains_with_a_mark(text: str, kept: str) -> None:
    assert cut(text, 10) == kept


@given(st.text(), st.integers(1, 20))
def test_shown_text_is_bounded_and_visible(text: str, characters_max: int) -> None:
    visible = shown(text, characters_max)

    assert len(visible) <= characters_max * len(r"\U00000000") + len("… (1,000 characters)")
    assert for_terminal(visible) == visible
