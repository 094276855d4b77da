"""Makes the base of every `audit.duckdb` when Raytrail is installed: `python -m queries.shell_base`.

A process that finds it for its own version copies it. Otherwise it makes one in memory, which takes
seconds.
"""

import sys

from queries.shell_content import BASE, FACTS, KEPT, SHELL_CONTENT
from schema.errors import RaytrailError
from store.reading.shell.base import compiled
from store.reading.shell.base.script import Script
from store.reading.shell.content import declaration


def main() -> None:
    """A folder that cannot be written is no error: every process then makes its own."""
    try:
        compiled.write(BASE, script())
    except (OSError, RaytrailError) as error:
        print(f"audit.duckdb is not prepared: {error}", file=sys.stderr)  # noqa: T201 - `make setup` shows it


def script() -> Script:
    """What it is made of now."""
    small = [declaration(each.name, each.columns) for each in FACTS]
    large = [declaration(each.name, each.columns) for each in KEPT]
    return Script.of(SHELL_CONTENT.statements, [*small, *large])


if __name__ == "__main__":
    main()
