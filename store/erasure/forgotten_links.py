"""What maps an erased name to other names goes with its rows, and also where it has none."""

from store import names
from store.catalog.catalog import Catalog
from store.erasure import unpurged
from store.registers.identity import inferred_names, name_pairs


def forget(catalog: Catalog, user: str) -> None:
    """Blank the links of this name, and remove its inferred names. The purge is due then, which
    removes their bytes and blanks the files of links too.
    """
    if not names.is_utf8(user):
        return  # no link and no inferred pair can have such a name
    is_noted = unpurged.is_of(catalog, user)
    with catalog.write() as connection:
        forgotten = name_pairs.forget(connection, user) + inferred_names.forget(connection, user)
        if forgotten and not is_noted:
            unpurged.note_anybody(connection)
