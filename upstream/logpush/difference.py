"""One setting of Cloudflare's that is not as it should be."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """`field` is the API's name, with a dot before what lies inside; no value is a secret."""

    field: str
    before: Any
    after: Any

    def added(self) -> tuple[str, ...]:
        """Of a list, what is new in it."""
        if not isinstance(self.after, (tuple, list)):
            return ()
        return tuple(each for each in self.after if each not in (self.before or ()))

    def as_object(self) -> dict[str, Any]:
        """For the ledger and for scripts."""
        if self.added():
            return {"field": self.field, "added": list(self.added())}
        return {"field": self.field, "before": self.before, "after": self.after}
