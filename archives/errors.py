"""The errors that this package raises on purpose.

RaytrailError
└── CannotFill   user error: the request cannot be imported or backfilled; nothing was changed
"""

from schema.errors import RaytrailError


class CannotFill(RaytrailError):
    """The message says why it is impossible, and what to do instead."""
