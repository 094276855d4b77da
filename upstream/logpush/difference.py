"""A setting at Cloudflare that differs from the desired state."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is the API's name, with dots for nested members. No value is a secret."""

    field: str
    before: Any
    after: Any

    def added(self) -> tuple[str, ...]:
        """For a list, the new elements."""
        if not isinstance(self.after, (tuple, list)):
            return ()
        return tuple(each for each in self.after if each not in (self.before or ()))

    def as_object(self) -> dict[str, Any]:
        """For the ledger and for scripts."""
        if self.added():
            return {"field": self.field, "added": list(self.added())}
        return {"field": self.field, "before": self.before, "after": self.after}
