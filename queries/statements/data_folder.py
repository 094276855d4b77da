"""Keeps the path of the data folder out of what `raytrail sql` tells of its own views and plans.

The path is a part of each name of a file that DuckDB reads.
"""

import re
from pathlib import Path

from queries.definitions import sql_of

# Functions and views of DuckDB that would tell it; each of ours is found before DuckDB's own.
REPLACED = ("duckdb_views", "duckdb_functions", "duckdb_settings")


def replacements(folder: Path) -> list[str]:
    """Macros that take the place of DuckDB's functions for this data folder."""
    quoted = f"{folder}/".replace("'", "''")
    return [sql_of(f"door/{name}").replace("{folder}", quoted) for name in REPLACED]


def without_folder(plan: str, folder: Path) -> str:
    """A plan as DuckDB draws it, in boxes whose right sides stay where they are.

    DuckDB breaks a long line at a space, also within the path of a folder.
    """
    words = map(re.escape, f"{folder}/".split(" "))
    whole, broken = re.escape(f"{folder}/"), r"(?: |\s*│\n│ )".join(words)
    within = re.compile(rf"{whole}([^│\n]*)")
    while within.search(plan):
        plan = within.sub(lambda found: found[1] + " " * (len(found[0]) - len(found[1])), plan)
    return re.sub(broken, "", plan)
