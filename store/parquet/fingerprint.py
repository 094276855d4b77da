"""A short hash of the columns of a file: files with the same hash are read together."""

import hashlib

import pyarrow as pa

FINGERPRINT_CHARACTERS = 16


def fingerprint(schema: pa.Schema) -> str:
    """Names and types of the columns. Their order and encoding do not matter to a reader."""
    columns = sorted(f"{field.name} {_shown(field.type)}" for field in schema)
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()[:FINGERPRINT_CHARACTERS]


def _shown(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _shown(kind.value_type)
    return f"list<{_shown(kind.value_type)}>" if pa.types.is_list(kind) else str(kind)
