"""Raw bodies and batches that no known entry names, as far as disk and parts tell of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import RowMapping

from schema.decoding.decoder import chosen
from schema.errors import RaytrailError
from schema.unknown_dataset import UNKNOWN
from store import timestamps
from store.files.layout import Layout
from store.intake.draft import examine
from store.intake.examination import Examined, Whole
from store.intake.limits import IntakeLimits
from store.intake.raw_body import RawBodies
from store.loading.conversion import Conversion
from store.loading.diagnosis import Diagnosis
from store.replay.batch_rows import BatchKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBatch:
    """`facts` are those of its ledger entry. `diagnosis` is what its body decodes to; None if the
    body is gone or cannot be read.
    """

    key: BatchKey
    facts: Mapping[str, Any]
    diagnosis: Diagnosis | None
    has_body: bool
    is_dataset_guessed: bool = False

    @property
    def is_unread(self) -> bool:
        return self.facts["reason"] is not None

    @property
    def records(self) -> int:
        """How many rows and rejected lines its body has."""
        return self.diagnosis.rows + self.diagnosis.rejected if self.diagnosis else 0


@dataclass(frozen=True, slots=True)
class FoundBodies:
    """`received` tells when each batch of a live file was received; `fetched` are those among them
    that Raytrail fetched.
    """

    layout: Layout
    limits: IntakeLimits
    received: Mapping[BatchKey, datetime]
    fetched: Collection[BatchKey]

    def read(self, path: str) -> list[FoundBatch]:
        """The batches of one raw body: one for each dataset that has rows of it, or the one that
        its records look like. An empty list if its bytes are not those that were received.
        """
        absolute = self.layout.root / path
        examined = examine(absolute, self.limits.envelope)
        if f"{examined.sha256}.gz" != absolute.name:
            return []
        known = sorted(key for key in self.received if key.batch_id == examined.sha256)
        guessed = BatchKey(examined.dataset() or UNKNOWN, examined.sha256)
        changed_at = datetime.fromtimestamp(absolute.stat().st_mtime, UTC).replace(tzinfo=None)
        return [
            self._batch(key, path, examined, changed_at, is_dataset_guessed=not known)
            for key in known or [guessed]
        ]

    def gone(self, key: BatchKey) -> FoundBatch:
        """A batch of which only rows are left."""
        received_at = self.received[key]
        facts = {
            "batch_id": key.batch_id,
            "dataset": key.dataset,
            "content": f"sha256:{key.batch_id}",
            "body_bytes": 0,
            "inflated_bytes": None,
            "received_at": timestamps.to_text(received_at),
            "raw_path": f"raw/{received_at.date().isoformat()}/{key.batch_id}.gz",
            "reason": None,
            **self._fetched(key),
        }
        return FoundBatch(key=key, facts=facts, diagnosis=None, has_body=False)

    def _batch(
        self,
        key: BatchKey,
        path: str,
        examined: Examined,
        changed_at: datetime,
        *,
        is_dataset_guessed: bool,
    ) -> FoundBatch:
        condition = examined.condition
        is_whole = isinstance(condition, Whole)
        facts = {
            "batch_id": key.batch_id,
            "dataset": key.dataset,
            "content": examined.content,
            "body_bytes": examined.body_bytes,
            "inflated_bytes": condition.inflated_bytes if isinstance(condition, Whole) else None,
            "received_at": timestamps.to_text(self.received.get(key, changed_at)),
            "raw_path": path,
            "reason": None if isinstance(condition, Whole) else condition.reason,
            **self._fetched(key),
        }
        diagnosis = self._diagnosed(facts) if is_whole else None
        return FoundBatch(
            key=key,
            facts=facts,
            diagnosis=diagnosis,
            has_body=True,
            is_dataset_guessed=is_dataset_guessed,
        )

    def _fetched(self, key: BatchKey) -> dict[str, bool]:
        return {"is_fetched": True} if key in self.fetched else {}

    def _diagnosed(self, facts: Mapping[str, Any]) -> Diagnosis | None:
        """None for a body that no decoder can read; the loader then sets it aside."""
        bodies = RawBodies(self.layout, self.limits.envelope)
        conversion = Conversion(self.layout, bodies, chosen())
        try:
            return conversion.diagnose(cast("RowMapping", facts))
        except RaytrailError:
            return None
