"""Foreign texts are escaped in Terraform's language: nothing in them is evaluated."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from upstream.logpush import hcl
from upstream.logpush.hcl import Expression

_ESCAPED = re.compile(r'\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\([nrt"\\])|(\$\$|%%)\{|(\$|%)\{|(.)')
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read_quoted(text: str) -> str:
    """Reads a quoted text like Terraform; a template or a bare quote in it is an error."""
    assert text[0] == text[-1] == '"'
    read = []
    for short, long, letter, doubled, template, plain in _ESCAPED.findall(text[1:-1]):
        assert not template, "a template begins here"
        assert plain not in {'"', "\\"}, "the text ends here"
        code = short or long
        read.append(
            chr(int(code, 16))
            if code
            else _LETTERS.get(letter) or (doubled and f"{doubled[0]}{{") or plain
        )
    return "".join(read)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example('${file("/etc/passwd")}')
@example("$$${a}")
@example("%{ for x in y }$${z}%%%{")
@example('\\${a}\n"}\x1b\u2028')
def test_every_text_is_read_back_unchanged(text: str) -> None:
    written = hcl.quoted(text)

    assert written.isprintable()
    assert read_quoted(written) == text


def test_three_signs_in_a_row_are_unambiguous() -> None:
    assert hcl.quoted("$$${a}") == '"\\u0024\\u0024$${a}"'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (0.5, "0.5"),
        (1, "1"),
        ([], "[]"),
        ({}, "{}"),
        (Expression("var.a"), "var.a"),
        ({"a-b": 1, "a b": 2}, '{\n  a-b = 1\n  "a b" = 2\n}'),
        (["x"], '[\n  "x",\n]'),
    ],
)
def test_values_are_written_in_terraforms_syntax(value: Any, written: str) -> None:
    assert hcl.value(value) == written


def test_a_value_without_a_terraform_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        hcl.value(None)
