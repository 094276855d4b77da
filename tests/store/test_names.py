"""Spellings of one name are told from other names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.names import difference, folded, other_spellings

NAMES = st.text(st.characters(exclude_categories=["Cs"]))
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])


@given(NAMES, FORMS, st.sampled_from(["", " ", "\t", "\u00a0\u3000"]))
def test_case_form_and_outer_space_do_not_matter(name: str, form: str, space: str) -> None:
    spelling = space + unicodedata.normalize(form, name) + space  # type: ignore[arg-type]

    assert folded(spelling) == folded(name)
    assert folded(name.casefold()) == folded(name)


@given(NAMES)
def test_a_folded_name_is_folded_to_itself(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@pytest.mark.parametrize("other", ["fred@x.exampl", "frèd@x.example", "f red@x.example", ""])
def test_another_name_stays_another_name(other: str) -> None:
    assert folded(other) != folded("fred@x.example")


def test_other_spellings_are_sorted_and_leave_out_the_given_ones() -> None:
    known = ["fred", "Fred", " fred", "FRED", "ann", "ANN", "bob"]

    assert other_spellings(known, {"fred", "FRED", "ann"}) == [" fred", "ANN", "Fred"]
    assert other_spellings(known, ()) == []


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("fred@x.example", ""),
        ("Fred@X.example", "letter case"),
        (" fred@x.example", "outer space"),
        ("fred@x.example\t", "outer space"),
        ("\uff46red@x.example", "Unicode form"),
        ("\uff26RED@x.example ", "outer space and letter case and Unicode form"),
    ],
)
def test_the_difference_of_two_spellings_is_told(other: str, told: str) -> None:
    assert difference("fred@x.example", other) == difference(other, "fred@x.example") == told


@given(NAMES, FORMS)
def test_every_other_spelling_differs_in_something(name: str, form: str) -> None:
    for other in (unicodedata.normalize(form, name), name.casefold(), f" {name}"):  # type: ignore[arg-type]
        assert bool(difference(name, other)) == (name != other)
