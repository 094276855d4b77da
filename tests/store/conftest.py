"""Stores that several tests start from: each is built once a session, and every test gets a copy."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from store.intake.limits import IntakeLimits
from store.store import Store
from tests.copied_store import copy_store
from tests.factories import NO_RESERVE, Clock

T = TypeVar("T")

LIMITS = IntakeLimits(reserve=NO_RESERVE)


class Built(Protocol):
    """Opens a copy of the store that `build` makes, and returns what `build` returned."""

    def __call__(self, build: Callable[[Store], T]) -> tuple[Store, T]: ...


@dataclass
class BuiltStores:
    """The built folders, with the time on their clock and the result of their builder."""

    root: Path
    empty: Path
    made: dict[Callable[[Store], Any], tuple[Path, datetime, Any]] = field(default_factory=dict)

    def folder(self, build: Callable[[Store], Any]) -> tuple[Path, datetime, Any]:
        if build not in self.made:
            data, clock = self.root / str(len(self.made)), Clock()
            copy_store(self.empty, data)
            with Store.open(data, clock, LIMITS) as store:
                result = build(store)
            self.made[build] = data, clock.now, result
        return self.made[build]


@pytest.fixture(scope="session")
def built_stores(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> BuiltStores:
    return BuiltStores(tmp_path_factory.mktemp("built"), empty_store)


@pytest.fixture
def built(built_stores: BuiltStores, tmp_path: Path) -> Iterator[Built]:
    with ExitStack() as opened:

        def open_copy(build: Callable[[Store], T]) -> tuple[Store, T]:
            data, now, result = built_stores.folder(build)
            copy_store(data, tmp_path / "data")
            return opened.enter_context(Store.open(tmp_path / "data", Clock(now), LIMITS)), result

        yield open_copy
