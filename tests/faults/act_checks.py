"""What must hold of acts that cannot be undone. Used as the checks in checks.py."""

from store.erasure.erasure import UnknownPerson
from store.retention.hold_coverage import covered
from store.retention.holds import Criteria
from tests.factories import gzipped, ndjson, send
from tests.faults.lab import Lab, drain
from tests.person_store import USER, by, erase, everything, try_to_erase


def an_erasure_takes_only_what_a_person_confirmed(lab: Lab) -> None:
    """Nothing of a misspelt name, nothing unconfirmed, and no damaged body without the name."""
    with lab.store() as store:
        send(store, gzipped(ndjson(by(USER), by("bob"))))
        for _ in range(3):  # A damaged body that comes for the third time is kept.
            send(store, gzipped(ndjson(by("bob")))[:-6])
        drain(store)
        kept, asked = everything(store), list[int]()

        def refuse(count: int) -> bool:
            asked.append(count)
            return False

        assert isinstance(try_to_erase(store, "srhea", is_confirmed=refuse), UnknownPerson)
        try_to_erase(store, is_confirmed=refuse)
        assert asked == [2], "one row and one body"
        assert everything(store) == kept

        erase(store)

        assert [row["user_id"] for row in everything(store)["http_requests"]] == ["bob"]
        assert len(list(store.layout.raw.rglob("*.gz"))) == 1


def a_hold_says_how_many_rows_it_covers(lab: Lab) -> None:
    with lab.store() as store:
        send(store, gzipped(ndjson(by(USER), by(USER, RayID="0a"), by("bob"))))
        drain(store)
        live = store.file_swap().live_files()

        assert covered(store.layout, live, Criteria(user=USER)).rows == 2
        assert covered(store.layout, live, Criteria(user="srhea")).is_nothing
