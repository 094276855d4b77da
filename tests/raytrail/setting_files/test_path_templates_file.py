"""The file RAYTRAIL_PATH_TEMPLATES: what is a template, and which line is wrong."""

from pathlib import Path

import pytest

from queries.path_templates import TemplateRule
from raytrail.errors import BadConfiguration
from raytrail.setting_files import path_templates

GOOD = "\ufeff# host template\n\nWiki.example.com:8443  /a/{b}/\r\n * /x/{rest...}\nh /it's\n"


def test_every_line_is_a_rule(tmp_path: Path) -> None:
    path = tmp_path / "templates.txt"
    path.write_text(GOOD, encoding="utf-8", newline="")

    assert path_templates.read(path) == (
        TemplateRule("wiki.example.com", "/a/{b}/"),
        TemplateRule("*", "/x/{rest...}"),
        TemplateRule("h", "/it's"),
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"h /a\nh\n", "line 2: want a host and a template without spaces, found 1 words"),
        (b"h /a b\n", "line 1: want a host and a template without spaces, found 3 words"),
        (b"h /a\x00\n", "line 1: an invisible character"),
        ("h /a\u202eb\n".encode(), "line 1: an invisible character"),
        (b"\nhttps://h /a\n", "line 2: invalid host"),
        (b"*.example /a\n", "line 1: invalid host"),
        (b"h a/b\n", "line 1: the template does not begin with /"),
        (b"h /" + b"a" * 1000 + b"\n", "line 1: the template has more than 1,000 characters"),
        (b"h /a?b={c}\n", "line 1: a template is compared with paths"),
        (b"h /a/{b...}/c\n", "line 1: {name...} stands for the rest of a path"),
        (b"h /a/x{b}\n", "line 1: a placeholder is a whole segment"),
        (b"h /{}/b\n", "line 1: a placeholder is a whole segment"),
        (b"h /{'}/b\n", "line 1: a placeholder is a whole segment"),
        (b"h /a\nh /\xe9\n", "line 2: not UTF-8"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "templates.txt"
    path.write_bytes(content)

    with pytest.raises(BadConfiguration) as raised:
        path_templates.read(path)

    assert str(raised.value).startswith(f"RAYTRAIL_PATH_TEMPLATES: {path}, {problem}")


def test_too_many_templates_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "templates.txt"
    path.write_text("h /a\n" * (path_templates.RULES_MAX + 1), encoding="utf-8")

    with pytest.raises(BadConfiguration, match="line 201: more than 200 templates"):
        path_templates.read(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"RAYTRAIL_PATH_TEMPLATES: .* cannot be read"):
        path_templates.read(tmp_path / "nothing.txt")
