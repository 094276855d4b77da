"""Limits of a decompressed body; a body over either limit is kept but not decoded."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeLimits:
    # Above Logpush's own maximum batch of 1 GB uncompressed. No ratio rule: honest
    # repetitive NDJSON reaches 257:1.
    inflated_bytes_max: int = 1_181_116_006  # 1.1 GiB
    # Far above what any gzip writer makes; a thousand tiny members still inflate at once (M30).
    members_max: int = 1_000
