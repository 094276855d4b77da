"""The errors of decoding. All errors of Raytrail inherit from RaytrailError.

RaytrailError
├── BodyDamaged      sender: the body is damaged; sending it again may help
├── BodyUnreadable   operator: the body is whole but over a limit; it is kept but not decoded
├── BadDataset       programmer: the data file of a dataset is invalid
└── (other rooms add theirs, each in its errors.py)
"""


class RaytrailError(Exception):
    """The base class of all errors that Raytrail raises."""


class BodyDamaged(RaytrailError):
    """The compression is broken: truncated, wrong checksum, bytes after its end."""


class BodyUnreadable(RaytrailError):
    """The body is too large to inflate; sending the same bytes again does not help."""


class BadDataset(RaytrailError):
    """A file in schema/datasets/ is invalid; the text names the file and its problems."""
