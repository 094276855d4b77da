"""How the facts of a file's users are computed, as a value: this room knows no question."""

from typing import Protocol

from store.catalog.users.packed_facts import UserFacts
from store.files.layout import Layout


class FactReading(Protocol):
    """Computes the facts of one finished file of http_requests; `columns` is its fingerprint.

    None if that fails, whatever the reason: no merge waits for it.
    """

    def __call__(self, layout: Layout, path: str, columns: str | None, /) -> UserFacts | None: ...
