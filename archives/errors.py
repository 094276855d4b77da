"""What this room raises on purpose.

RaytrailError
└── CannotFill   person: what was asked for cannot be imported or backfilled; nothing was changed
"""

from schema.errors import RaytrailError


class CannotFill(RaytrailError):
    """Says what was asked, why it cannot be done and what to do instead."""
