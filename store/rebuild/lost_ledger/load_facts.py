"""What a new `loaded` entry says of a batch: from its body, or counted in the parts."""

from collections.abc import Mapping
from typing import Any

from store.rebuild.lost_ledger.found_bodies import FoundBatch
from store.rebuild.lost_ledger.live_choice import LiveChoice
from store.replay.batch_rows import BatchKey


def told(choice: LiveChoice, batch: FoundBatch) -> dict[str, Any]:
    if batch.diagnosis is None:
        return counts(choice, batch.key)
    return {**batch.diagnosis.line_counts(), **batch.diagnosis.ledger_facts()}


def counts(choice: LiveChoice, key: BatchKey) -> dict[str, Any]:
    rows = choice.rows.get(key, 0).bit_count()
    rejected = choice.rejected.get(key, 0).bit_count()
    return {"lines": rows + rejected, "rows": rows, "rejected_lines": rejected, "blank_lines": 0}


def named(
    key: BatchKey, sequences: Mapping[BatchKey, int], counted: Mapping[str, Any]
) -> dict[str, Any]:
    return {"batch": sequences[key], "batch_id": key.batch_id, **counted}
