"""Which columns a part has, in sixteen letters: parts that agree in them are read together."""

import hashlib

import pyarrow as pa

FINGERPRINT_LETTERS = 16


def fingerprint(schema: pa.Schema) -> str:
    """Names and types of the columns. Their order and encoding do not matter to a reader."""
    columns = sorted(f"{field.name} {_shown(field.type)}" for field in schema)
    return hashlib.sha256("\n".join(columns).encode()).hexdigest()[:FINGERPRINT_LETTERS]


def _shown(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _shown(kind.value_type)
    return f"list<{_shown(kind.value_type)}>" if pa.types.is_list(kind) else str(kind)
