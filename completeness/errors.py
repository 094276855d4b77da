"""The errors that this package raises on purpose.

RaytrailError
└── CannotCompare   user error: the requested period cannot be compared; nothing was changed
"""

from schema.errors import RaytrailError


class CannotCompare(RaytrailError):
    """The message says why the period cannot be compared, and what to do instead."""
