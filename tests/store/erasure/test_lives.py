"""In random lives of a store no byte stays of people who were erased."""

import random
from pathlib import Path

import pytest

from store.erasure import erasure
from store.erasure.remnants import unused_texts
from store.erasure.remnants.unused_texts import NOTHING_LISTED
from store.parquet import part_file
from store.store import Store
from tests.factories import Clock
from tests.store.conftest import LIMITS
from tests.store.erasure.erasing_life import live

# Steps of one life, and how many lives there are: two take five seconds.
STEPS, STEPS_LONG = 18, 120
LIVES, LIVES_LONG = 2, 100


def new_store(folder: Path) -> Store:
    return Store.create(folder / "data-1", Clock(), LIMITS)


@pytest.mark.sequences
def test_no_byte_of_an_erased_person_stays_in_any_random_life(
    tmp_path: Path, chance: random.Random, is_long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(LIVES_LONG if is_long else LIVES):
        folder = tmp_path / str(number)
        steps = STEPS_LONG if is_long else STEPS
        life = live(chance, folder, new_store(folder), steps, monkeypatch)
        print(f"life {number}: {dict(life.steps)}, {len(life.gone)} erased")


@pytest.mark.sequences
@pytest.mark.parametrize("broken", ["dictionaries", "catalog"])
def test_the_search_notices_what_an_erasure_leaves(
    tmp_path: Path, chance: random.Random, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The life proves nothing unless it sees a fault."""
    if broken == "dictionaries":
        monkeypatch.setattr(part_file, "used_only", lambda table: table)
        monkeypatch.setattr(unused_texts, "search", lambda *_: NOTHING_LISTED)
    else:
        monkeypatch.setattr(erasure.Erasure, "purge", lambda _self: None)

    def lives() -> None:
        for number in range(20):
            folder = tmp_path / str(number)
            live(chance, folder, new_store(folder), STEPS, monkeypatch)

    with pytest.raises(AssertionError):
        lives()
