"""A list of limited length that counts all of its entries."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Item_co = TypeVar("Item_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item_co]):
    """`shown` may be only some of the entries; `total` is the exact number of all."""

    shown: tuple[Item_co, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.shown)
