"""The key under which the catalog lists a user of a compacted file, instead of the name."""

import hashlib


def user_key(user: str) -> int:
    return int.from_bytes(hashlib.sha256(user.encode()).digest()[:8], signed=True)
