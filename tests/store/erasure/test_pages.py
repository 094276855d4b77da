"""After an erasure no page of a file lists a value that only the erased person had."""

import random
from typing import Any

import pytest

from store.erasure.erasure import ErasureResult, UnknownPerson
from store.erasure.remnants.remnant import RemnantKind
from store.erasure.verification import find_remnants
from store.parquet import part_file
from store.store import Store
from tests import inflated
from tests.factories import compact, gzipped, load, ndjson, send
from tests.person_store import at, erase, everything, places_of, request, try_to_erase

FRED = "fred@x.example"
SECRET = "secret-of-fred"


def mixed(rows: int, *, seed: int = 1, hour: int = 10) -> list[dict[str, Any]]:
    """Every second record is Fred's, with paths that nobody else visits."""
    chance = random.Random(seed)
    return [
        request(
            FRED if number % 2 else f"user{chance.randrange(9)}@x.example",
            f"2026-11-20T{hour:02}:{number // 60 % 60:02}:{number % 60:02}",
            f"{seed:04x}{number:012x}",
            ClientRequestURI=f"/{SECRET if number % 2 else 'of-others'}/{number % 3}",
            ClientRequestPath=f"/{SECRET if number % 2 else 'of-others'}/{number % 3}",
        )
        for number in range(rows)
    ]


def holding(store: Store, value: str) -> list[str]:
    """The Parquet files of the store that hold this text in whatever page."""
    return [
        store.layout.relative(path)
        for path in sorted(store.layout.parts.rglob("*.parquet"))
        if any(value.encode() in content for content in inflated.contents(path.read_bytes()))
    ]


def test_a_rewritten_part_lists_no_value_of_the_erased_person(store: Store) -> None:
    send(store, gzipped(ndjson(*mixed(200))))
    load(store)
    assert holding(store, SECRET)

    erase(store, FRED)

    assert holding(store, SECRET) == []
    assert places_of(store.layout.root, FRED) == []


def test_many_large_parts_list_no_name_and_no_value_of_the_erased_person(store: Store) -> None:
    at(store, "2026-11-22T12:00:00")
    for number in range(25):
        send(store, gzipped(ndjson(*mixed(400, seed=number, hour=number % 24))))
        if number % 5 == 4:
            load(store)
    compact(store)

    erase(store, FRED)

    assert holding(store, SECRET) == []
    assert places_of(store.layout.root, FRED) == []


@pytest.fixture
def left_behind(store: Store) -> Store:
    """A store in which an earlier version has erased Fred, and what it left in its files."""
    send(store, gzipped(ndjson(*mixed(200))))
    load(store)
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(part_file, "used_only", lambda table: table)
        erase(store, FRED)
    assert holding(store, SECRET)
    return store


def test_what_an_earlier_version_left_is_found_and_named(left_behind: Store) -> None:
    [path] = holding(left_behind, SECRET)

    found = list(find_remnants(left_behind.layout, left_behind.catalog, FRED))

    assert {(each.kind, each.path) for each in found} == {
        (RemnantKind.UNUSED, path),
        (RemnantKind.LISTED, path),
    }


@pytest.mark.parametrize("user", [FRED, "nobody@x.example"])
def test_the_next_erasure_removes_what_an_earlier_version_left(
    left_behind: Store, user: str
) -> None:
    before = everything(left_behind)

    outcome = try_to_erase(left_behind, user)

    assert isinstance(outcome, ErasureResult if user == FRED else UnknownPerson)
    assert everything(left_behind) == before
    assert holding(left_behind, SECRET) == holding(left_behind, FRED) == []
    assert list(find_remnants(left_behind.layout, left_behind.catalog, FRED)) == []
    if user == FRED:
        assert isinstance(try_to_erase(left_behind, FRED), UnknownPerson)


def test_an_erasure_of_another_removes_merged_files_that_an_earlier_version_left(
    left_behind: Store,
) -> None:
    [before] = holding(left_behind, SECRET)
    send(left_behind, gzipped(ndjson(*mixed(2, seed=7))))
    load(left_behind)
    at(left_behind, "2026-11-22T12:00:00")
    compact(left_behind)
    assert before in holding(left_behind, SECRET)

    assert isinstance(try_to_erase(left_behind, "nobody@x.example"), UnknownPerson)

    assert holding(left_behind, SECRET) == []
