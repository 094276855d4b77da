"""What this room raises on purpose; every other room's errors descend from the root here.

RaytrailError
├── BodyDamaged      sender: the body is not what it claims; sent again it may arrive whole
├── BodyUnreadable   operator: whole, but past a limit; kept as evidence, not turned into rows
├── BadDataset       programmer: a dataset data file breaks its own rules
└── (store, receiver, queries and raytrail add their own, each in its errors.py)
"""


class RaytrailError(Exception):
    """Catch this and you catch all of ours and none of Python's."""


class BodyDamaged(RaytrailError):
    """The envelope is broken: truncated, wrong checksum, bytes after its end."""


class BodyUnreadable(RaytrailError):
    """The envelope is too large to open: the same bytes would do no better next time."""


class BadDataset(RaytrailError):
    """A file in schema/datasets/ is wrong; names the file and what to mend."""
