"""Digests of an erased person's name, by which later records of that person are recognised.

The salt of these digests is derived from the salt of the receipt. It is stored in the ledger, since
a digest can only be compared with its salt; the receipt's own salt is stored nowhere.
"""

import hashlib

# BLAKE2b takes a key of at most 64 bytes, and its `person` has at most 16.
DIGEST_BYTES = 32
_PURPOSE = b"keep out"


def matching_salt(receipt_salt: bytes) -> bytes:
    """The salt of digests that can be compared. It does not reveal the receipt's salt."""
    return hashlib.blake2b(receipt_salt, digest_size=DIGEST_BYTES, person=_PURPOSE).digest()


def matching_digest(salt: bytes, user: str) -> str:
    """Somebody who has the salt can test whether a name that they guess is the erased one."""
    name = user.encode(errors="surrogatepass")
    return hashlib.blake2b(name, digest_size=DIGEST_BYTES, key=salt).hexdigest()
