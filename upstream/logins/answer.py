"""One answer of the API: its bytes, and the records in them."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_cut` where the API may have more records that it does not return."""

    content: bytes
    records: list[bytes]
    is_cut: bool = False

    def facts(self) -> dict[str, object]:
        """For the ledger, which does not contain the answer itself."""
        return {
            "bytes": len(self.content),
            "records": len(self.records),
            "sha256": hashlib.sha256(self.content).hexdigest(),
        }
