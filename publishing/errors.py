"""The errors of published tables.

RaytrailError
└── NotPublished     operator: no table can be published here, and why
"""

from schema.errors import RaytrailError


class NotPublished(RaytrailError):
    """The published tables stay as they were; the text says what to do."""
