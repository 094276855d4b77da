"""The values of what a person took and changed: downloads and changes, one entry each."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One download or change.

    A download that was resumed is one act of several `requests`, and `size_bytes` is their sum.
    `why` says why a change is listed before others: "deletes", "access" (rights, secrets, sharing),
    "refused"; None for other acts.
    """

    seen_at: datetime | None
    why: str | None
    user_id: str
    identity: str
    method: str | None
    status: int | None
    is_refused: bool
    size_bytes: int | None
    direction: str | None
    host: str | None
    uri: str | None
    content_type: str | None
    requests: int
    ip: str | None
    country: str | None
    ray_id: str | None
    batch_id: str
    line_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRows:
    """Rows of another dataset than those of the report, under exactly this name.

    `is_at_least`: damaged files of the dataset are not counted.
    """

    dataset: str
    user_id: str
    rows: int
    is_at_least: bool
    first_seen: datetime | None
    last_seen: datetime | None
