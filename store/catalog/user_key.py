"""The key under which the catalog lists a user; it holds no name of a compacted file's rows."""

import hashlib


def user_key(user: str) -> int:
    return int.from_bytes(hashlib.sha256(user.encode()).digest()[:8], signed=True)
