"""What a check of the store can find."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """For scripts: these words do not change."""

    MISSING_PART = "missing_part"
    MISSING_RAW = "missing_raw"
    SIZE_DIFFERS = "size_differs"
    MODIFIED = "modified"
    ROWS_DIFFER = "rows_differ"
    FOOTER_DIFFERS = "footer_differs"
    EXTRA_FILE = "extra_file"
    RAW_WITHOUT_ENTRY = "raw_without_entry"
    STRAY_FILE = "stray_file"
    STALE_DRAFT = "stale_draft"
    REMOVAL_OVERDUE = "removal_overdue"
    TOTALS_DIFFER = "totals_differ"
    LEDGER_BROKEN = "ledger_broken"
    LEDGER_FILES_DIFFER = "ledger_files_differ"
    ENTRY_MISMATCH = "entry_mismatch"
    RANGE_DIFFERS = "range_differs"
    SCHEMA_DIFFERS = "schema_differs"
    VIEWS_DIFFER = "views_differ"
    AUDIT_OUTDATED = "audit_outdated"
    STRAY_WAL = "stray_wal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`path` is relative to the data folder, or names a row of the catalog.

    `repair` is what `--repair` does about it; if that is nothing, `helps` says what a person can do.
    """

    kind: Kind
    path: str
    means: str
    repair: str = ""
    helps: str = ""

    @property
    def subject(self) -> tuple[Kind, str]:
        return self.kind, self.path
