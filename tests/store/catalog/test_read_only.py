"""The catalog as a question opens it: one view, and no way to change it."""

import pytest

from store.catalog import ledger, read_only
from store.catalog.databases.reading import Statement
from store.errors import StoreUnavailable
from store.store import Store
from tests.factories import NOW

SEQUENCE = Statement("store.catalog.sql", "newest_entry")
WRITING = Statement("store.catalog.sql", "mark")


def test_a_commit_of_another_process_does_not_show_up_in_an_open_view(store: Store) -> None:
    with read_only.opened(store.layout) as connection:
        before = connection.execute(SEQUENCE).fetchone()[0]
        with store.catalog.write() as writer:
            ledger.append(writer, "token", NOW, {})

        assert connection.execute(SEQUENCE).fetchone()[0] == before
    with read_only.opened(store.layout) as connection:
        assert connection.execute(SEQUENCE).fetchone()[0] == 1


def test_a_read_only_catalog_refuses_writes(store: Store) -> None:
    with (
        pytest.raises(StoreUnavailable, match="readonly"),
        read_only.opened(store.layout) as connection,
    ):
        connection.execute(WRITING, {"dataset": "a", "mark": "b", "sequence": 1})
