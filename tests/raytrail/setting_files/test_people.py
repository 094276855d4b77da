"""The file RAYTRAIL_PEOPLE: what is a pair, and which line is wrong."""

from pathlib import Path

import pytest

from raytrail.errors import BadConfiguration
from raytrail.setting_files import people

GOOD = '\ufeff# name,mail\n\nsrhea,s.rhea@x.example\n"o, brien",  x\n"a ", "b""c"\r\n'


def test_every_line_is_a_pair(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(GOOD, encoding="utf-8", newline="")

    found = people.read(path)

    assert found == (("srhea", "s.rhea@x.example"), ("o, brien", "x"), ("a ", 'b"c'))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a,b\nsrhea\n", "line 2: want two names, found 1"),
        (b"a,b,c\n", "line 1: want two names, found 3"),
        (b"a,b\n\na,\n", "line 3: a name is empty"),
        (b"a,a\n", "line 1: both names are the same"),
        (b"a,b\na,\xe9\n", "line 2: not UTF-8"),
        (b'a,b\n"a"x,b\n', "line 2: not CSV: "),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)

    with pytest.raises(BadConfiguration) as raised:
        people.read(path)

    assert str(raised.value).startswith(f"RAYTRAIL_PEOPLE: {path}, {problem}")


def test_many_wrong_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"srhea\n" * 25)

    with pytest.raises(BadConfiguration) as raised:
        people.read(path)

    *shown, last = str(raised.value).splitlines()
    assert len(shown) == 10
    assert last.endswith("and 15 more wrong lines")
    assert "srhea" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadConfiguration, match="cannot be read"):
        people.read(tmp_path / "nothing.csv")
    monkeypatch.setattr(people, "BYTES_MAX", 3)
    (tmp_path / "large.csv").write_bytes(b"a,bc\n")
    with pytest.raises(BadConfiguration, match="more than 3 bytes"):
        people.read(tmp_path / "large.csv")
