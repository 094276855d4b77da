"""The store's answer to one body."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """The body is on disk under its hash, and the ledger names it.

    `looks_like` is the dataset that its records plainly belong to, if they came under a name that
    Cloudflare does not document. `stored_as` is the dataset that it went to, if not the one named.
    """

    batch_id: str
    body_bytes: int
    is_duplicate: bool
    unread_reason: str | None
    looks_like: str | None = None
    stored_as: str | None = None

    @property
    def will_be_loaded(self) -> bool:
        return not (self.is_duplicate or self.unread_reason)


@dataclass(frozen=True, slots=True)
class TrialUpload:
    """Logpush tests the destination. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The body arrived damaged; `sha256` names it in quarantine."""

    sha256: str
    reason: str


Outcome = Receipt | TrialUpload | Refused
