"""The mark in a data folder whose catalog is on PostgreSQL: which catalog belongs to it.

Mark and catalog have the same random id. So neither another folder nor another database is taken
for this store, and a command without RAYTRAIL_CATALOG is told what it lacks. It has no part of the
URL, which may have a password.
"""

import os
import secrets

import orjson

from store.errors import StoreDamaged, StoreUnavailable
from store.files import durable
from store.files.layout import Layout, draft_path

FORM = 1
ID_BYTES = 16


def demand_place(layout: Layout) -> None:
    """The folder has a store whose catalog is where the settings say."""
    demand_free(layout)
    if layout.database is not None and not layout.catalog_mark.exists():
        raise StoreUnavailable(f"no store at {layout.root} with a catalog on PostgreSQL")


def demand_free(layout: Layout) -> None:
    """The catalog of the folder is nowhere else than the settings say."""
    if layout.database is None and layout.catalog_mark.exists():
        raise StoreUnavailable(
            f"the catalog of {layout.root} is on PostgreSQL: set RAYTRAIL_CATALOG to its URL"
        )
    if layout.database is not None and layout.catalog.exists() and layout.catalog.stat().st_size:
        raise StoreUnavailable(
            f"RAYTRAIL_CATALOG is set, but the catalog of {layout.root} is {layout.catalog.name}:"
            " unset it, or move the store with `raytrail backup` and `raytrail restore` into a new"
            " folder; see docs/scale.md"
        )


def demand_owner(layout: Layout, owner: str | bytes | None) -> None:
    """StoreUnavailable unless the catalog, which has entries, says that it is this folder's."""
    told = owner.decode() if isinstance(owner, bytes) else owner
    if told is None or told != read(layout):
        raise StoreUnavailable(
            f"{layout.catalog_name} is the catalog of another store than {layout.root}: several"
            " hosts or folders on one catalog are not supported yet; use another database, or a"
            " schema of its own"
        )


def read(layout: Layout) -> str | None:
    """The id; None without a mark."""
    try:
        told = orjson.loads(layout.catalog_mark.read_bytes())
        if told["form"] == FORM:
            return str(told["store"])
    except FileNotFoundError:
        return None
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{layout.catalog_mark}: cannot be read: {error}") from error
    raise StoreUnavailable(f"{layout.catalog_mark} was written by a newer version of Raytrail")


def read_or_make(layout: Layout) -> str:
    """The id; a new one, synced, where there is no mark yet."""
    known = read(layout)
    if known is not None:
        return known
    draft = draft_path(layout.root, "mark")
    fd = durable.create_locked(draft)
    try:
        content = {"form": FORM, "store": secrets.token_hex(ID_BYTES)}
        durable.write_all(fd, orjson.dumps(content))
        durable.sync(fd, draft.name)
        # Never over another one: two first starts at once agree on the first.
        durable.link(draft, layout.catalog_mark)
    finally:
        os.close(fd)
        durable.remove(draft, synced=False)
    return read(layout) or ""
