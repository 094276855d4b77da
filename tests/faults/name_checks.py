"""What must hold of the spellings of a name. Used as the checks in checks.py."""

from store.erasure import other_spellings
from store.erasure.remnants.remnant import RemnantKind
from store.erasure.verification import find_remnants
from store.retention.hold_coverage import covered
from store.retention.holds import Criteria
from tests.factories import gzipped, ndjson, send
from tests.faults.lab import Lab, drain
from tests.person_store import USER, by, erase

SHOUTED = USER.upper()


def a_name_is_found_however_it_is_written(lab: Lab) -> None:
    """Escaped in a broken line, and in UTF-16, where it is named although it is not found."""
    escaped = "".join(f"\\u{ord(character):04X}" for character in USER)
    with lab.store() as store:
        send(store, gzipped(ndjson(by(USER)) + f"no json: {escaped}\n".encode()))
        send(store, gzipped(f"no json: {escaped}".encode("utf-16")))
        drain(store)
        left = find_remnants(store.layout, store.catalog, USER)
        assert [each.count for each in left if each.kind is RemnantKind.LINE] == [1]

        erased = erase(store).occurrences

        assert not erased.is_nothing
        assert len(erased.unsearchable) == 1
        assert erased.unsearchable_lines == 1


def other_spellings_are_named_and_held(lab: Lab) -> None:
    with lab.store() as store:
        send(store, gzipped(ndjson(by(USER), by(SHOUTED, RayID="0a"), by("bob"))))
        drain(store)
        live = store.file_swap().live_files()

        assert [each.user for each in other_spellings.find(store, [USER])] == [SHOUTED]
        assert covered(store.layout, live, Criteria(user=USER)).rows == 2
        assert covered(store.layout, live, Criteria(user=USER, is_exact=True)).rows == 1
