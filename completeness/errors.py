"""What this room raises on purpose.

RaytrailError
└── CannotCompare   person: the period that was asked for cannot be compared; nothing was changed
"""

from schema.errors import RaytrailError


class CannotCompare(RaytrailError):
    """Says what was asked, why it cannot be done and what to do instead."""
