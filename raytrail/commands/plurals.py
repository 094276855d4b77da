"""Counts in words: `1 file`, `2 files`, `2 batches`, `2 raw bodies`."""


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    if noun.endswith("y"):
        return f"{noun.removesuffix('y')}ies"
    return f"{noun}es" if noun.endswith("ch") else f"{noun}s"
