"""Spellings of one name are told from other names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.names import folded, other_spellings

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
