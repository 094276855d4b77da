"""What the API said at once: its bytes, and the records in them."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_cut` where there may be more that cannot be had."""

    content: bytes
    records: list[bytes]
    is_cut: bool = False

    def facts(self) -> dict[str, object]:
        """For the ledger, which does not hold the answer itself."""
        return {
            "bytes": len(self.content),
            "records": len(self.records),
            "sha256": hashlib.sha256(self.content).hexdigest(),
        }
