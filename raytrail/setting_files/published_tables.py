"""What RAYTRAIL_PUBLISH asks for: published tables follow the store after each change.

Every command makes a follower with its settings, so the room is loaded where one has work.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """`is_on`: the tables are published after each change. `root` is the data folder as engines see
    it; None if it is the same here.
    """

    is_on: bool
    root: Path | None = None

    def __call__(self, store: "Store") -> str:
        """Publish what changed; why that failed, or an empty text. Raises nothing."""
        try:
            if not self.is_on and not store.layout.published.exists():
                return ""
        except OSError as error:
            return str(error)
        from publishing import catching_up  # noqa: PLC0415 (as said above)

        return catching_up.catch_up(store, self.root, is_on=self.is_on)
