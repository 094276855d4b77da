"""How a table of the catalog declares which of its texts can name a person."""

NAMING, OURS = "naming", "ours"


def texts(*, naming: str = "", ours: str = "") -> dict[str, frozenset[str]]:
    """What the columns of a table with texts hold, for its `info`: texts from outside, which can
    name a person, or only what Raytrail makes (times, hashes, paths, kinds).
    """
    return {NAMING: frozenset(naming.split()), OURS: frozenset(ours.split())}
