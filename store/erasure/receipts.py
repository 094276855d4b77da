"""The receipt of an erasure: the payload of its ledger entry, which is kept for ever."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from store import names
from store.compaction.file_swap import Replacement
from store.erasure.occurrences import Occurrences
from store.parquet.row_hashes import Digest

SALT_BYTES = 32

# What a receipt covers and what it does not. The ledger has the names on the left, which never
# change; the words on the right are printed, so that they can be filed.
COVERS: Mapping[str, str] = {
    "rows": "every row with this user name, in every dataset, in current files and in files that wait for their removal",
    "rejected_lines": "every rejected line that contains the name",
    "raw_bodies": "the raw bodies of these rows and lines, and every other body that contains the name",
    "quarantine_and_strays": "bodies in quarantine and files in stray/ that contain the name",
    "catalog": "the catalog with its deleted bytes: ranges and lists of users, and the name in released holds",
}

DOES_NOT_COVER: Mapping[str, str] = {
    "mentions": "rows of other people that mention the name, for example in a URL: they stay, and are counted as mentions",
    "other_encodings": "the name in another encoding, such as %40 in a URL or Base64 in a cookie",
    "other_spellings": "rows of other spellings of the name (letter case, outer space, Unicode form) that were not erased with it: they stay, and are named",
    "unsearchable": "damaged bodies, and bodies and lines in UTF-16 or compressed twice, in which the name was not found: they stay, and are named or counted",
    "holds": "what a legal hold keeps, and the conditions of active holds",
    "backups": "backups and copies of the data folder: `raytrail backup` into the same folder removes the person from that backup, and older snapshots of it must be deleted by hand",
    "published_tables": "tables and files that were published or exported from this store",
    "copies": "copies that analysts made: saved reports, results of questions, shell histories",
    "open_shells": "DuckDB shells in which audit.duckdb is open: they can still read a file that they have open, until they are closed",
    "sources": "Cloudflare, Logpush archives, and other systems that have the same records",
    "disk_blocks": "freed blocks of the disk, and snapshots of its file system",
}

KEEPING_OUT = (
    "records of this user name from before the erasure are not loaded until {until};"
    " later records are ordinary rows"
)
NOT_KEEPING_OUT = "records of this user name that arrive again are loaded, because of --keep-out 0"


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
        "covers": sorted(COVERS),
        "does_not_cover": sorted(DOES_NOT_COVER),
    }


def user_digest(salt: bytes, user: str) -> str:
    """With the salt it proves which name was erased; without it, it reveals nothing."""
    return hashlib.sha256(salt + names.as_bytes(user)).hexdigest()


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
