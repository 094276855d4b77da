"""What is published, as `published/state.json` says: for status, doctor and the next publishing.

It names no person. It is written last, so what it does not say is done again.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import orjson

from publishing import whole_files
from publishing.errors import NotPublished
from store.files import durable
from store.files.layout import Layout

NAME = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """A published table: its newest metadata, as a path in the data folder, and what that shows.

    `content` is a digest of all that the metadata was made from.
    """

    metadata: str
    version: int
    uuid: str
    content: str
    files: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedState:
    """The tables at one ledger entry. `root` is the data folder as their locations name it.

    `refused` says why a dataset has no table, `left` since when an object is in no table any more,
    and `failure` why the tables could not follow the store; empty if they could. Up to the entry
    `searched`, no removal was found since.
    """

    sequence: int = 0
    digest: str = ""
    change: tuple[int, int] = (0, 0)
    published_at: str = ""
    root: str = ""
    tables: Mapping[str, TableState] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    searched: int = 0

    def failed(self, why: str) -> Self:
        return replace(self, failure=why)


def read(layout: Layout) -> PublishedState | None:
    """None if nothing was ever published, or what is there cannot be read."""
    try:
        found: dict[str, Any] = orjson.loads((layout.published / NAME).read_bytes())
        tables = {name: TableState(**each) for name, each in found.pop("tables").items()}
        sequence, files = found.pop("change")
        return PublishedState(**found, tables=tables, change=(sequence, files))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotPublished(f"published/{NAME} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def write(layout: Layout, state: PublishedState) -> None:
    """Replace the file durably."""
    durable.make_folder(layout.published)
    content = orjson.dumps(asdict(state), option=orjson.OPT_INDENT_2)
    whole_files.write(layout.published / NAME, content)
