"""The receipt of an erasure: the payload of its ledger entry, which is kept for ever."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from store.compaction.file_swap import Replacement
from store.erasure.occurrences import Occurrences
from store.parquet.row_hashes import Digest

SALT_BYTES = 32


def receipt(
    found: Occurrences,
    done: Sequence[Replacement],
    reason: str,
    salt: bytes,
    keep_out: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Counts, the reason and a digest of the name, but never the name.

    `keep_out` tells whose older records are not loaded, and until when; see store/keepout.
    """
    digests = _digests(done)
    return {
        "reason": reason,
        "user_digest": user_digest(salt, found.search.identifier.user),
        "datasets": {
            dataset: {**asdict(share), **digests.get(dataset, {})}
            for dataset, share in found.by_dataset().items()
        },
        "raw_bodies": len(found.bodies),
        "raw_batches": [batch["sequence"] for batch in found.retired_batches],
        "raw_bodies_kept": len(found.kept_bodies),
        "quarantined_bodies": len(found.quarantined),
        "unsearchable_bodies": len(found.unsearchable),
        "unsearchable_lines": found.unsearchable_lines,
        "retired_files": len(found.retired),
        # Rows of the person may be left in these.
        "unsearched_files": sorted(file["path"] for file in found.unreadable),
        "stray_files": len(found.rewritten_strays),
        "holds_blanked": sorted(found.released_holds),
        "keep_out": keep_out,
    }


def user_digest(salt: bytes, user: str) -> str:
    """With the salt it proves which name was erased; without it, it reveals nothing."""
    return hashlib.sha256(salt + user.encode()).hexdigest()


def _digests(done: Sequence[Replacement]) -> Mapping[str, Mapping[str, str]]:
    """Digests of the rows kept and left out, by dataset: the proof that no other row changed."""
    kept: dict[str, Digest] = defaultdict(Digest)
    excluded: dict[str, Digest] = defaultdict(Digest)
    for each in done:
        if each.result is not None:
            kept[each.job.dataset] += each.result.kept
            excluded[each.job.dataset] += each.result.excluded
    return {
        dataset: {"kept": _text(kept[dataset]), "left_out": _text(excluded[dataset])}
        for dataset in kept
    }


def _text(digest: Digest) -> str:
    return f"{digest.rows}:{digest.low:x}:{digest.high:x}"
