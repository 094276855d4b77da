"""The links of an erased name to other names: they go with its rows, and also where it has none."""

from store.catalog.catalog import Catalog
from store.erasure import unpurged
from store.registers.identity import name_pairs


def forget(catalog: Catalog, user: str) -> None:
    """Blank the links of this name. The purge is due then, which blanks their files too."""
    is_noted = unpurged.is_of(catalog, user)
    with catalog.write() as connection:
        if name_pairs.forget(connection, user) and not is_noted:
            unpurged.note_anybody(connection)
